"""Single cells that follow a rule of their own."""

import pytest

from kcore.machinery.frozen import freeze
from kcore.printing.cells import first_few, labels, selector, since
from kcore.printing.columns.network import external_ip, ports
from kcore.printing.columns.node import roles, status_words
from kcore.printing.table import table_of


@pytest.mark.parametrize(
    ("texts", "shown"),
    [([], "<none>"), (["a"], "a"), (list("abc"), "a,b,c"), (list("abcde"), "a,b,c + 2 more...")],
)
def test_long_lists_are_cut_and_counted(texts, shown):
    assert first_few(texts, empty="<none>") == shown


def test_labels_are_sorted_by_key():
    assert labels(freeze({"b": "2", "a": "1"})) == "a=1,b=2"
    assert labels(None) == "<none>"


def test_a_bad_selector_is_shown_as_an_error():
    bad = freeze({"matchExpressions": [{"key": "a", "operator": "Near"}]})

    assert selector(bad) == "<error>"
    assert selector(freeze({"matchLabels": {"a": "b"}})) == "a=b"


def test_a_missing_time_is_unknown():
    assert since(None, 0) == "<unknown>"


def service(**spec):
    return freeze({"kind": "Service", "spec": spec})


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (service(type="ClusterIP"), "<none>"),
        (service(type="NodePort", externalIPs=["1.2.3.4"]), "1.2.3.4"),
        (service(type="LoadBalancer"), "<pending>"),
        (service(type="ExternalName", externalName="a.example.com"), "a.example.com"),
    ],
)
def test_where_a_service_is_reached_from_outside(value, shown):
    assert external_ip(value) == shown


def test_ports_show_protocol_and_node_port():
    value = service(ports=[{"port": 80}, {"port": 53, "protocol": "UDP", "nodePort": 30053}])

    assert ports(value) == "80/TCP,53:30053/UDP"
    assert ports(service()) == "<none>"


def node(status, *, unschedulable=False, **node_labels):
    return freeze(
        {
            "metadata": {"labels": node_labels},
            "spec": {"unschedulable": unschedulable},
            "status": {"conditions": [{"type": "Ready", "status": status}] if status else []},
        }
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (node("True"), "Ready"),
        (node("Unknown"), "NotReady"),
        (node(""), "Unknown"),
        (node("True", unschedulable=True), "Ready,SchedulingDisabled"),
    ],
)
def test_node_status(value, shown):
    assert status_words(value) == shown


def test_node_roles_come_from_two_labels():
    labelled = freeze(
        {
            "metadata": {
                "labels": {"node-role.kubernetes.io/worker": "", "kubernetes.io/role": "edge"}
            }
        }
    )

    assert roles(labelled) == ["edge", "worker"]


def test_a_selector_of_parameters_is_shown_as_a_go_struct():
    selector = {
        "matchLabels": {"b": "2", "a": "1"},
        "matchExpressions": [{"key": "k", "operator": "In", "values": ["x", "y"]}],
    }
    binding = freeze(
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": "n"},
            "spec": {"policyName": "p", "paramRef": {"selector": selector}},
        }
    )

    assert table_of([binding], 0).rows[0].cells[2] == (
        "&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:"
        "[]LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[x y],},},}"
    )


def test_an_average_value_goes_before_a_utilization():
    target = {"type": "Utilization", "averageUtilization": 80, "averageValue": "1e3"}
    autoscaler = freeze(
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "n"},
            "spec": {
                "maxReplicas": 3,
                "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
                "scaleTargetRef": {"kind": "Deployment", "name": "d"},
            },
        }
    )

    assert table_of([autoscaler], 0).rows[0].cells[2] == "cpu: <unknown>/1e3"
