"""What typed views accept, and how they refuse the rest: the message names the field."""

import pytest
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from kcore.api.apiextensions_v1 import JSONSchemaProps
from kcore.api.apps_v1 import Deployment
from kcore.api.core_v1 import (
    ConfigMap,
    Container,
    ContainerPort,
    Pod,
    PodSpec,
    ResourceRequirements,
    Secret,
    ServicePort,
)
from kcore.api.meta_v1 import ListMeta, ObjectMeta
from kcore.api.networking_v1 import IPBlock, NetworkPolicyIngressRule
from kcore.api.resource_v1 import DeviceAttribute
from kcore.errors import ManifestError
from kcore.machinery.frozen import freeze
from kcore.machinery.model import wire_name
from kcore.machinery.quantity import Quantity


def pod(**spec):
    return freeze({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": spec})


def place_and_rule(caught):
    [error] = caught.value.errors()
    return ".".join(map(str, error["loc"])), error["msg"]


def test_defaults_do_not_appear_but_version_and_kind_do():
    view = Pod(metadata=ObjectMeta(name="web"), spec=PodSpec(containers=[Container(name="main")]))

    assert view.to_frozen() == pod(containers=[{"name": "main"}])


def test_version_and_kind_of_nested_objects_appear_only_where_set():
    inner = freeze({"metadata": {"name": "data"}, "spec": {}})
    value = freeze(
        {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "spec": {
                "selector": {},
                "template": {},
                "serviceName": "db",
                "volumeClaimTemplates": [inner],
            },
        }
    )
    from kcore.api.apps_v1 import StatefulSet  # noqa: PLC0415 - its kind is all that is special

    view = StatefulSet.from_frozen(value)

    assert view.spec.volume_claim_templates[0].kind == "PersistentVolumeClaim"
    assert view.to_frozen() == value


def test_what_is_set_to_none_is_written_as_null():
    view = Pod.from_frozen(pod(containers=[], nodeName="n1"))

    view.spec.node_name = None

    assert view.to_frozen() == pod(containers=[], nodeName=None)


@pytest.mark.parametrize(
    ("spec", "place", "rule"),
    [
        ({}, "spec.containers", "Field required"),
        ({"containers": {}}, "spec.containers", "valid list"),
        ({"containers": [{"name": 1}]}, "spec.containers.0.name", "valid string"),
        ({"containers": [], "priority": "high"}, "spec.priority", "valid integer"),
        ({"containers": [], "priority": 2**31}, "spec.priority", "less than"),
        ({"containers": [], "hostNetwork": "yes"}, "spec.hostNetwork", "valid boolean"),
        ({"containers": [], "nodeName": 5}, "spec.nodeName", "valid string"),
        (
            {"containers": [{"name": "a", "ports": [{"containerPort": 1.5}]}]},
            "spec.containers.0.ports.0.containerPort",
            "valid integer",
        ),
        (
            {"containers": [], "overhead": {"cpu": "lots"}},
            "spec.overhead.cpu",
            "quantities must match",
        ),
    ],
)
def test_wrong_types_name_the_field(spec, place, rule):
    with pytest.raises(ValidationError) as caught:
        Pod.from_frozen(pod(**spec))

    found, message = place_and_rule(caught)
    assert found == place
    assert rule in message


def test_assignments_are_checked():
    view = Pod.from_frozen(pod(containers=[]))

    with pytest.raises(ValidationError) as caught:
        view.spec.priority = "high"

    assert place_and_rule(caught)[0] == "priority"


def test_changes_in_place_are_checked_when_written():
    view = Pod.from_frozen(pod(containers=[]))
    view.spec.containers.append("main")

    with pytest.raises(PydanticSerializationError, match="main"):
        view.to_frozen()


def test_another_kind_is_refused():
    with pytest.raises(ManifestError, match=r"v1 Pod is no apps/v1 Deployment"):
        Deployment.from_frozen(pod(containers=[]))


def test_names_outside_an_enum_are_the_servers_to_refuse():
    value = pod(containers=[], restartPolicy="Sometimes", dnsPolicy="")

    assert Pod.from_frozen(value).to_frozen() == value


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("1000m", "1000m"),
        ("0.5Gi", "0.5Gi"),
        (2, "2"),
        (0.5, "0.5"),
        (Quantity.parse("1000m"), "1"),
    ],
)
def test_quantities_are_kept_as_text(given, text):
    view = ResourceRequirements(requests={"cpu": given})

    assert view.requests == {"cpu": text}
    assert view.to_frozen() == freeze({"requests": {"cpu": text}})


@pytest.mark.parametrize("given", [True, None, [], "", "1x"])
def test_other_things_are_no_quantities(given):
    with pytest.raises(ValidationError) as caught:
        ResourceRequirements(requests={"cpu": given})

    assert place_and_rule(caught)[0] == "requests.cpu"


@pytest.mark.parametrize("given", [80, "http", "80"])
def test_int_or_string_is_kept_as_given(given):
    view = ServicePort(port=80, target_port=given)

    assert type(view.target_port) is type(given)
    assert view.to_frozen() == freeze({"port": 80, "targetPort": given})


@pytest.mark.parametrize("given", [True, 1.5, []])
def test_other_things_are_no_int_or_string(given):
    with pytest.raises(ValidationError) as caught:
        ServicePort.from_frozen(freeze({"port": 80, "targetPort": given}))

    assert place_and_rule(caught) == ("targetPort", "Input should be a valid integer or string")


def test_bytes_stay_encoded():
    value = freeze({"apiVersion": "v1", "kind": "Secret", "data": {"password": "c2VjcmV0"}})

    view = Secret.from_frozen(value)

    assert view.data == {"password": "c2VjcmV0"}
    assert view.to_frozen() == value


def test_frozen_parts_may_be_given():
    labels = freeze({"app": "web"})

    assert ObjectMeta(labels=labels).to_frozen().labels == labels
    assert ConfigMap(metadata={"labels": labels}).metadata.labels == {"app": "web"}


def test_values_inside_fields_of_any_type_are_written():
    default = freeze({"labels": [{"app": "web"}]})

    assert JSONSchemaProps(default=default).to_frozen().default == default
    assert Container(name="a", novelty=[default]).to_frozen().novelty == freeze([default])


def test_what_has_no_json_form_is_refused():
    with pytest.raises(PydanticSerializationError, match="object has no JSON form"):
        JSONSchemaProps(default=object()).to_frozen()


def test_fields_have_the_names_of_python_and_accept_those_of_the_wire():
    assert Container(name="a", working_dir="/") == Container(name="a", workingDir="/")
    assert ContainerPort(container_port=1, host_ip="::1").to_frozen().hostIP == "::1"


@pytest.mark.parametrize(
    ("view", "value"),
    [
        (ListMeta(continue_="next"), {"continue": "next"}),
        (NetworkPolicyIngressRule(from_=[]), {"from": []}),
        (IPBlock(cidr="::/0", except_=["::1/128"]), {"cidr": "::/0", "except": ["::1/128"]}),
        (DeviceAttribute(bool_=True, int_=1, string="x"), {"bool": True, "int": 1, "string": "x"}),
        (
            JSONSchemaProps(
                ref="#/x",
                schema_="https://json-schema.org",
                not_=JSONSchemaProps(type="object"),
                x_kubernetes_int_or_string=True,
            ),
            {
                "$ref": "#/x",
                "$schema": "https://json-schema.org",
                "not": {"type": "object"},
                "x-kubernetes-int-or-string": True,
            },
        ),
        (
            JSONSchemaProps(items=JSONSchemaProps(type="string"), additional_properties=False),
            {"items": {"type": "string"}, "additionalProperties": False},
        ),
    ],
    ids=["continue", "from", "except", "types", "schema", "schema-or"],
)
def test_names_that_python_or_pydantic_take_are_renamed(view, value):
    assert view.to_frozen() == freeze(value)
    assert type(view).from_frozen(freeze(value)) == view


@pytest.mark.parametrize(
    ("name", "wire"),
    [("node_name", "nodeName"), ("from_", "from"), ("kind", "kind"), ("a_b_c", "aBC")],
)
def test_wire_names(name, wire):
    assert wire_name(name) == wire
