"""`workloads/*`: the pure rules of the workload controllers."""

from kcore.controllers.deployment import plan, status
from kcore.controllers.deployment.annotations import with_size
from kcore.controllers.pod_condition import (
    is_active,
    is_available,
    is_ready,
    is_terminal,
    is_terminating,
)
from kcore.controllers.pod_deletion_order import _Profile, deletion_order, goes_before
from kcore.controllers.service_ports import has_address, hostname_of
from kcore.kubelet.pod_record import ContainerRun, Termination
from kcore.kubelet.restart import should_restart
from kcore.machinery.frozen import freeze
from kcore.machinery.int_or_percent import IntOrPercentError
from kcore.machinery.meta import condition_of
from kcore.machinery.timestamps import parse_time
from tests.conformance.registry import Registry

registry = Registry("machinery")


@registry.answers("workloads/fenceposts")
def fenceposts(given):
    try:
        surge, unavailable = plan.resolve_fenceposts(
            given["maxSurge"], given["maxUnavailable"], given["desired"]
        )
    except IntOrPercentError as error:
        return {"error": str(error)}
    return {"surge": surge, "unavailable": unavailable}


@registry.answers("workloads/deployment")
def deployment(given):
    deployment = freeze(given["deployment"])
    every = [freeze(one) for one in given["replicaSets"]]
    new, *olds = every
    chosen = plan.active_or_latest(new, olds)
    return {
        "activeOrLatest": None if chosen is None else chosen["metadata"]["name"],
        "annotationsNeedUpdate": needs_sizes(new, deployment),
        "availableCount": plan.total_status(every, "availableReplicas"),
        "complete": status.is_complete(deployment, deployment["status"]),
        "maxSurge": plan.max_surge(deployment),
        "maxUnavailable": plan.max_unavailable(deployment),
        "minAvailable": plan.min_available(deployment),
        **new_replicas(deployment, every, new),
        "proportions": [
            plan.proportion(one, deployment, given["replicasToAdd"], given["replicasAdded"])
            for one in every
        ],
        "readyCount": plan.total_status(every, "readyReplicas"),
        "replicaCount": plan.total_replicas(every),
        "saturated": [plan.is_saturated(deployment, one) for one in every],
    }


def new_replicas(deployment, every, new):
    try:
        return {"newReplicas": plan.new_replicas(deployment, every, new)}
    except IntOrPercentError as error:
        return {"newReplicasError": str(error)}


def needs_sizes(replica_set, deployment):
    wanted = plan.replicas_of(deployment)
    annotations = replica_set.at("metadata", "annotations", default=freeze({}))
    return with_size(annotations, wanted, wanted + plan.max_surge(deployment)) != annotations


@registry.answers("workloads/scaleDownOrder")
def scale_down_order(given):
    pods = [freeze(one) for one in given["pods"]]
    now_ns = None if given["now"] is None else parse_time(given["now"])
    ranks = given.get("ranks") or [0] * len(pods)
    profiles = [_Profile(pod, rank) for pod, rank in zip(pods, ranks, strict=True)]
    return {
        "less": [[goes_before(left, right, now_ns) for right in profiles] for left in profiles],
        "order": [
            pods[position]["metadata"]["name"] for position in deletion_order(pods, ranks, now_ns)
        ],
    }


@registry.answers("workloads/podReady")
def pod_ready(given):
    pod = freeze(given["pod"])
    namespace, name = given["service"].split("/")
    service = freeze({"metadata": {"namespace": namespace, "name": name}})
    ready, containers = condition_of(pod, "Ready"), condition_of(pod, "ContainersReady")
    conditions = pod.at("status", "conditions", default=freeze([]))
    answer = {
        "active": is_active(pod),
        "available": is_available(pod, given["minReadySeconds"], parse_time(given["now"])),
        "containersReady": containers is not None and containers["status"] == "True",
        "endpointHasHostname": hostname_of(pod, service) is not None,
        "inEndpoints": has_address(pod) and not is_terminating(pod),
        "inEndpointsWithTerminating": has_address(pod),
        "ready": is_ready(pod),
        "readyConditionIndex": -1 if ready is None else list(conditions).index(ready),
        "terminal": is_terminal(pod),
    }
    return answer if ready is None else {**answer, "readyStatus": ready["status"]}


@registry.answers("workloads/containerRestart", only=("shouldRestart",))
def container_restart(given):
    init = given["init"]
    run = ContainerRun(
        given["container"]["name"],
        init=init,
        sidecar=init and given["container"].get("restartPolicy") == "Always",
        ended=Termination(given["exitCode"], "Error", 0, 0, 1),
    )
    pod = freeze({"spec": {"restartPolicy": given["podRestartPolicy"]}})
    return {"shouldRestart": should_restart(pod, freeze(given["container"]), run)}
