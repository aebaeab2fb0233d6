"""What kcore answers to the `controllers` vectors: scenarios played in a hollow world."""

from tests.conformance.controllers.player import Player
from tests.conformance.registry import Registry

registry = Registry("controllers")

TOPICS = (
    "deployment-rollout",
    "deployment-proportional",
    "deployment",
    "replicaset",
    "replicaset-scaledown",
    "replicaset-scaledown-rank",
    "rc",
    "endpoints",
    "endpointslice",
    "gc-tree",
    "gc-owners",
    "gc-finalizers",
    "gc-deployment",
    "namespace",
    "serviceaccount",
    "pod-gc",
    "manifests",
    "preemption",
    "pv",
)


@registry.answers(*TOPICS, whole_record=True)
def scenario(record):
    """Play all steps of a scenario and dump what the record shows."""
    return Player(record).play()
