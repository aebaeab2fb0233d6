"""Which changes of a pod's spec an update may make."""

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
