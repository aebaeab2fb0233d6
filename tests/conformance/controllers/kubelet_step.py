"""The `kubelet` steps: the nodes' kubelets change chosen pods."""

from kcore.machinery.frozen import EMPTY_LIST, freeze
from kcore.machinery.request import STRATEGIC_MERGE_PATCH
from tests.controllers.hollow_world import HOLD


def kubelet_step(world, step: dict) -> dict:
    """Change the pods that match; answers how many."""
    action, choice = step["action"], step.get("pods") or {}
    changed, before = 0, _sizes(world)
    for pod in world.client.list("pods", "demo"):
        if changed >= step.get("count", 10**9):
            break
        if _matches(pod, choice) and _applies(action, pod, "name" in choice):
            _ACTIONS[action](world, pod, step)
            changed += 1
            if _sizes(world) == before:
                # Controllers react to the first request that makes a difference while the
                # others are on their way.
                world.settle(0)
    return {"pods": changed}


def _sizes(world) -> list:
    return [obj.at("spec", "replicas") for obj in world.client.list("replicasets.apps", "demo")]


def _matches(pod, choice: dict) -> bool:
    if "name" in choice and pod["metadata"]["name"] != choice["name"]:
        return False
    labels = pod.at("metadata", "labels", default={})
    return all(labels.get(key) == value for key, value in choice.get("labels", {}).items())


def _applies(action: str, pod, by_name: bool) -> bool:
    terminating = pod.at("metadata", "deletionTimestamp") is not None
    if not pod.at("spec", "nodeName", default=""):
        return False
    if action == "finish":
        return terminating and pod.at("metadata", "annotations", HOLD) == "true"
    if action == "status" or terminating:
        return not terminating
    return _changes(action, pod, by_name)


def _changes(action: str, pod, by_name: bool) -> bool:
    """Whether the action makes a difference to a pod that is not terminating."""
    phase = pod.at("status", "phase")
    if phase in ("Succeeded", "Failed"):
        return False
    makes_a_difference = {
        "ready": not _is_ready(pod),
        "run": phase == "Pending",
        "unready": by_name or _is_ready(pod),
    }
    return makes_a_difference.get(action, True)


def _is_ready(pod) -> bool:
    conditions = pod.at("status", "conditions", default=EMPTY_LIST)
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _ready(world, pod, step) -> None:
    world.kubelet.make_ready(pod, restarts=step.get("restarts", 0))


def _run(world, pod, _step) -> None:
    world.kubelet.run(pod)


def _succeed(world, pod, _step) -> None:
    world.kubelet.finish(pod, "Succeeded", 0)


def _fail(world, pod, step) -> None:
    code, extra = step.get("exitCode", 1), step.get("conditions", ())
    world.kubelet.finish(pod, "Failed", code, step.get("reason"), extra)


def _status(world, pod, step) -> None:
    metadata = pod["metadata"]
    world.client.patch(
        "pods",
        metadata["name"],
        freeze({"status": step["status"]}),
        metadata["namespace"],
        patch_type=STRATEGIC_MERGE_PATCH,
        subresource="status",
    )


def _finish(world, pod, _step) -> None:
    world.kubelet.remove(pod)


_ACTIONS = {
    "ready": _ready,
    "run": _run,
    "unready": _run,
    "succeed": _succeed,
    "fail": _fail,
    "status": _status,
    "finish": _finish,
}
