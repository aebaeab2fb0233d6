"""Which changes of a pod's spec an update may make."""

import pytest

from tests.api.answers import pod, pod_with, update_problems


def test_an_image_may_change():
    assert update_problems(pod_with(image="b"), pod_with(image="a")) == []


def test_tolerations_may_be_added_but_not_taken_away():
    tolerating = pod(tolerations=[{"key": "a", "operator": "Exists"}])

    assert update_problems(tolerating, pod()) == []
    assert update_problems(pod(), tolerating) != []


def test_gates_may_only_be_removed():
    gated = pod(schedulingGates=[{"name": "a"}])

    assert update_problems(pod(), gated) == []
    assert update_problems(gated, pod()) == [
        "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new "
        "scheduling gate 'a'"
    ]


def test_containers_may_not_come_or_go():
    two = pod(containers=[{"name": "a", "image": "x"}, {"name": "b", "image": "x"}])

    assert update_problems(two, pod()) == [
        "spec.containers: Forbidden: pod updates may not add or remove containers"
    ]


def test_the_node_may_not_change():
    (problem,) = update_problems(pod(nodeName="b"), pod(nodeName="a"))

    assert problem.startswith("spec: Forbidden: pod updates may not change fields other than")
    assert '"b"' in problem


def required(*terms):
    kept = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}}
    return {"nodeAffinity": kept}


def term(*keys):
    return {"matchExpressions": [{"key": key, "operator": "Exists"} for key in keys]}


GATES = [{"name": "a"}]


@pytest.mark.parametrize(
    ("before", "after", "problems"),
    [
        ({}, {"nodeSelector": {"disk": "ssd"}}, 0),
        ({"nodeSelector": {"disk": "ssd"}}, {}, 1),
        ({}, {"affinity": required(term("a"))}, 0),
        ({"affinity": required(term("a"))}, {"affinity": required(term("a", "b"))}, 0),
        ({"affinity": required(term("a"))}, {"affinity": required(term("b"))}, 1),
        ({"affinity": required(term("a"))}, {"affinity": required(term("a"), term("b"))}, 1),
        ({"affinity": required(term("a"))}, {}, 1),
        ({"affinity": required({})}, {"affinity": required(term("a"))}, 1),
        ({}, {"affinity": {"podAffinity": {}}}, 1),
    ],
)
def test_nodes_of_a_gated_pod_may_only_become_fewer(before, after, problems):
    old, new = pod(schedulingGates=GATES, **before), pod(schedulingGates=GATES, **after)

    assert len(update_problems(new, old)) == problems
