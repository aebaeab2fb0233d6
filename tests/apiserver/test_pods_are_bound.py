"""/binding: the node, the condition, and every reason not to."""

import pytest

from kcore.api.core_v1.binding import BINDING_OF_POD


def binding(name="p", node="n1", **metadata):
    return {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": name, **metadata},
        "target": {"kind": "Node", "name": node},
    }


def bind(door, name="p", **fields):
    body = binding(name, **fields)
    return door.create("pods", body, name=name, subresource="binding")


def test_a_binding_sets_node_and_condition_and_no_generation(door, make):
    door.create("pods", make.pod("p"))
    door.clock.advance_to(door.clock.now_ns() + 5_000_000_000)

    answer = bind(door, labels={"l": "1"}, annotations={"x": "y"})

    pod = door.get("pods", "p")
    assert (answer["status"], answer["code"]) == ("Success", 201)
    assert pod["spec"]["nodeName"] == "n1"
    assert pod["metadata"]["generation"] == 1
    assert pod["metadata"]["labels"] == {"l": "1"}
    assert pod["metadata"]["annotations"] == {"x": "y"}
    assert pod["status"]["conditions"] == [
        {
            "type": "PodScheduled",
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": "2026-01-01T00:00:05Z",
        }
    ]
    assert door.names("pods", field_selector="spec.nodeName=n1") == ["p"]


def test_the_bindings_collection_does_the_same(door, make):
    door.create("pods", make.pod("p"))

    door.create("bindings", binding())

    assert door.get("pods", "p")["spec"]["nodeName"] == "n1"


def gated(make):
    body = make.pod("p")
    body["spec"]["schedulingGates"] = [{"name": "g.io/x"}]
    return body


@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        (lambda door, make: bind(door, node="n2"), 'pod p is already assigned to node "n2"'),
        (
            lambda door, make: door.delete("pods", "p"),
            "pod p is being deleted, cannot be assigned to a host",
        ),
    ],
)
def test_conflicts(door, make, prepare, why):
    door.create("pods", make.pod("p", finalizers=["e.io/f"]))
    prepare(door, make)

    refusal = door.refusal(bind, door)

    assert (refusal.code, refusal.reason) == (409, "Conflict")
    assert refusal.message == f'Operation cannot be fulfilled on pods/binding "p": {why}'


def test_a_gated_pod_waits(door, make):
    created = door.create("pods", gated(make))

    assert created["status"]["conditions"][0]["reason"] == "SchedulingGated"
    assert "has non-empty .spec.schedulingGates" in door.refusal(bind, door).message


def test_a_missing_pod_and_another_name(door):
    assert door.refusal(bind, door, "nope").message == 'pods "nope" not found'
    refusal = door.refusal(door.create, "pods", binding("other"), name="p", subresource="binding")
    assert refusal.message == "name in URL does not match name in Binding object"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"kind": "Node", "name": ""}, "target.name: Required value"),
        (
            {"kind": "Pod", "name": "n1"},
            'target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"',
        ),
    ],
)
def test_a_target_that_is_no_node(door, make, target, message):
    door.create("pods", make.pod("p"))
    body = {**binding(), "target": target}

    refusal = door.refusal(door.create, "pods", body, name="p", subresource="binding")

    assert (refusal.code, refusal.message) == (500, message)


def test_preconditions(door, make):
    door.create("pods", make.pod("p"))

    uid = door.refusal(bind, door, uid="7" * 8)
    version = door.refusal(bind, door, resourceVersion="1")

    assert "Precondition failed: UID in precondition: 77777777" in uid.message
    assert "Precondition failed: ResourceVersion in precondition: 1" in version.message


def test_a_dry_run_binds_nothing(door, make):
    door.create("pods", make.pod("p"))

    door.create("pods", binding(), name="p", subresource="binding", dry_run=True)

    assert "nodeName" not in door.get("pods", "p")["spec"]


@pytest.mark.parametrize(
    "fields", [{}, {"labels": {"own": "1"}, "annotations": {"a": "b"}}], ids=["bare", "labelled"]
)
def test_what_schedulers_send_does_what_any_binding_does(door, make, fields):
    for name in ("p", "q"):
        door.create("pods", make.pod(name, **fields))
    uids = {name: door.get("pods", name)["metadata"]["uid"] for name in ("p", "q")}

    usual = BINDING_OF_POD("p", uids["p"], "n1")
    door.create("pods", usual, name="p", subresource="binding")
    other = binding("q", uid=uids["q"], labels={})
    door.create("pods", other, name="q", subresource="binding")

    usual, other = door.get("pods", "p"), door.get("pods", "q")
    assert usual["spec"] == other["spec"]
    assert usual["status"] == other["status"]
    for field in ("labels", "annotations", "generation"):
        assert usual["metadata"].get(field) == other["metadata"].get(field)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_form_of_schedulers_is_read_as_strictly(door, make, place):
    door.create("pods", make.pod("p"))
    texts = ["p", door.get("pods", "p")["metadata"]["uid"], "n1"]
    texts[place] = 5

    refusal = door.refusal(
        door.create, "pods", BINDING_OF_POD(*texts), name="p", subresource="binding"
    )

    assert (refusal.code, refusal.reason) == (400, "BadRequest")
    assert "cannot unmarshal number into Go struct field" in refusal.message


def test_conditions_stay_and_a_nomination_goes(door, make):
    door.create("pods", make.pod("p"))
    pod = door.get("pods", "p")
    waiting = {"type": "PodScheduled", "status": "False", "lastTransitionTime": None}
    ready = {"type": "Ready", "status": "False", "lastTransitionTime": None}
    status = {**pod["status"], "conditions": [waiting, ready], "nominatedNodeName": "n9"}
    door.update("pods", pod.set("status", status), subresource="status")

    bind(door)

    status = door.get("pods", "p")["status"]
    assert [(one["type"], one["status"]) for one in status["conditions"]] == [
        ("Ready", "False"),
        ("PodScheduled", "True"),
    ]
    assert "nominatedNodeName" not in status
