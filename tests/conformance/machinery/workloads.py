"""`workloads/*`: the pure rules of the workload controllers."""

from kcore.controllers.deployment import plan, status
from kcore.controllers.deployment.annotations import with_size
from kcore.controllers.pod_deletion_order import _Profile, deletion_order, goes_before
from kcore.machinery.frozen import freeze
from kcore.machinery.int_or_percent import IntOrPercentError
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
