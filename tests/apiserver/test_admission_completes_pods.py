"""New pods get an account, a priority and two tolerations; new nodes a taint."""

import pytest

TOLERATION_KEYS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]


def priority_class(name, value, **fields):
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name},
        "value": value,
        **fields,
    }


def created_spec(door, make, **fields):
    body = make.pod("p")
    body["spec"].update(fields)
    return door.create("pods", body)["spec"]


def test_defaults(door, make):
    spec = created_spec(door, make)

    assert spec["serviceAccountName"] == spec["serviceAccount"] == "default"
    assert (spec["priority"], spec["preemptionPolicy"]) == (0, "PreemptLowerPriority")
    assert [one["key"] for one in spec["tolerations"]] == TOLERATION_KEYS
    assert {one["tolerationSeconds"] for one in spec["tolerations"]} == {300}


def test_own_account_and_tolerations_are_kept(door, make):
    own = {"key": TOLERATION_KEYS[0], "operator": "Exists", "effect": "NoExecute"}

    spec = created_spec(door, make, serviceAccountName="robot", tolerations=[own])

    assert spec["serviceAccount"] == "robot"
    assert [one["key"] for one in spec["tolerations"]] == TOLERATION_KEYS
    assert spec["tolerations"][0] == own


def test_a_class_gives_priority_and_policy(door, make):
    never = priority_class("never", 5, preemptionPolicy="Never")
    door.create("priorityclasses.scheduling.k8s.io", never)

    spec = created_spec(door, make, priorityClassName="never")

    assert (spec["priority"], spec["preemptionPolicy"]) == (5, "Never")


def test_system_classes_are_there(door, make):
    spec = created_spec(door, make, priorityClassName="system-node-critical")

    assert spec["priority"] == 2_000_001_000


def test_a_global_default_names_itself_and_is_unique(door, make):
    classes = "priorityclasses.scheduling.k8s.io"
    door.create(classes, priority_class("high", 1000, globalDefault=True))

    spec = created_spec(door, make)
    second = door.refusal(door.create, classes, priority_class("b", 1, globalDefault=True))

    assert (spec["priority"], spec["priorityClassName"]) == (1000, "high")
    assert (second.code, second.message) == (
        403,
        'priorityclasses.scheduling.k8s.io "b" is forbidden: PriorityClass high is already marked '
        "as default. Only one default can exist",
    )


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"priorityClassName": "nope"}, "no PriorityClass with name nope was found"),
        (
            {"priority": 5},
            "the integer value of priority (5) must not be provided in pod spec; "
            "priority admission controller computed 0 from the given PriorityClass name",
        ),
        (
            {"preemptionPolicy": "Never"},
            "the string value of PreemptionPolicy (Never) must not be provided in pod spec; "
            "priority admission controller computed PreemptLowerPriority from the given "
            "PriorityClass name",
        ),
    ],
)
def test_contradictions_are_refused(door, make, fields, why):
    refusal = door.refusal(created_spec, door, make, **fields)

    assert (refusal.code, refusal.message) == (403, f'pods "p" is forbidden: {why}')


def node(name, ready=None, taints=None):
    status = {} if ready is None else {"conditions": [{"type": "Ready", "status": ready}]}
    spec = {} if taints is None else {"taints": taints}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name},
        "spec": spec,
        "status": status,
    }


def test_a_new_node_is_tainted_unless_it_arrives_ready(door):
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}

    assert door.create("nodes", node("n1"))["spec"]["taints"] == [taint]
    assert door.create("nodes", node("n2", "False", [taint]))["spec"]["taints"] == [taint]
    assert "taints" not in door.create("nodes", node("n3", "True"))["spec"]


def test_the_class_of_service_is_written_at_birth(door, make):
    body = make.pod("p")
    body["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "100m"}}

    assert door.create("pods", body)["status"] == {"phase": "Pending", "qosClass": "Burstable"}
