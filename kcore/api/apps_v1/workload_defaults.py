"""Defaults of Deployment, ReplicaSet, StatefulSet and DaemonSet."""

from typing import Final

from kcore.api.core_v1.pod_defaults import default_template
from kcore.api.core_v1.storage_defaults import default_claim
from kcore.api.filling import fill, fill_empty, map_child, map_items, with_fields
from kcore.errors import bad_request
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.go_text import parse_int64, parse_int64_problem

TEMPLATE_GENERATION: Final = "deprecated.daemonset.template.generation"
ROLLBACK_TO: Final = "deprecated.deployment.rollback.to"
ROLLING_UPDATE: Final = "RollingUpdate"
_CLAIM_TYPE: Final = {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}


def default_deployment(deployment: FrozenMap) -> FrozenMap:
    """One replica, rolling by a quarter, ten revisions, ten minutes.

    Raises:
        ApiError: 400, an annotation that retired versions had as a field is no number.
    """
    deployment = map_child(deployment, "spec", _deployment_spec)
    path = ("metadata", "annotations", ROLLBACK_TO)
    revision = deployment.at(*path)
    if revision is None:
        return deployment
    if not revision:
        return deployment.remove(path)
    number = parse_int64(revision)
    if number is None:
        problem = parse_int64_problem(revision)
        why = f"failed to parse annotation[{ROLLBACK_TO}]={revision} as int64: {problem}"
        raise bad_request(f'Deployment in version "v1" cannot be handled as a Deployment: {why}')
    return deployment if str(number) == revision else deployment.set(path, str(number))


def _deployment_spec(spec: FrozenMap) -> FrozenMap:
    spec = fill(spec, {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600})
    spec = map_child(spec, "strategy", _strategy)
    return map_child(spec, "template", default_template)


def _strategy(strategy: FrozenMap) -> FrozenMap:
    strategy = fill_empty(strategy, {"type": ROLLING_UPDATE})
    if strategy["type"] != ROLLING_UPDATE:
        return strategy
    rolling = strategy.get("rollingUpdate") or EMPTY_MAP
    filled = fill(rolling, {"maxUnavailable": "25%", "maxSurge": "25%"})
    return strategy if filled is rolling else strategy.set("rollingUpdate", filled)


def default_replica_set(replica_set: FrozenMap) -> FrozenMap:
    """One replica."""
    return map_child(
        replica_set,
        "spec",
        lambda spec: map_child(fill(spec, {"replicas": 1}), "template", default_template),
    )


def default_stateful_set(stateful_set: FrozenMap) -> FrozenMap:
    """One replica in order, rolling from the last, claims retained."""
    return map_child(stateful_set, "spec", _stateful_set_spec)


def _stateful_set_spec(spec: FrozenMap) -> FrozenMap:
    spec = fill_empty(spec, {"podManagementPolicy": "OrderedReady"})
    spec = map_child(spec, "updateStrategy", _ordered_strategy)
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or EMPTY_MAP
    retention = fill_empty(retention, {"whenDeleted": "Retain", "whenScaled": "Retain"})
    if retention != spec.get("persistentVolumeClaimRetentionPolicy"):
        spec = spec.set("persistentVolumeClaimRetentionPolicy", retention)
    spec = fill(spec, {"replicas": 1, "revisionHistoryLimit": 10})
    spec = map_items(spec, "volumeClaimTemplates", _claim_template)
    return map_child(spec, "template", default_template)


def _claim_template(claim: FrozenMap) -> FrozenMap:
    # Whatever a template says of itself, it is a claim.
    named = {key: text for key, text in _CLAIM_TYPE.items() if claim.get(key) != text}
    return default_claim(with_fields(claim, named))


def _ordered_strategy(strategy: FrozenMap) -> FrozenMap:
    has_type = bool(strategy.get("type"))
    strategy = fill_empty(strategy, {"type": ROLLING_UPDATE})
    if strategy["type"] != ROLLING_UPDATE or (has_type and "rollingUpdate" not in strategy):
        return strategy
    rolling = strategy.get("rollingUpdate") or EMPTY_MAP
    filled = fill(rolling, {"partition": 0, "maxUnavailable": 1})
    return strategy if filled is rolling else strategy.set("rollingUpdate", filled)


def default_daemon_set(daemon_set: FrozenMap) -> FrozenMap:
    """Rolling one node at a time, ten revisions; the old template generation as annotation.

    Raises:
        ApiError: 400, that annotation is no number.
    """
    daemon_set = map_child(daemon_set, "spec", _daemon_set_spec)
    path = ("metadata", "annotations", TEMPLATE_GENERATION)
    generation = daemon_set.at(*path)
    if generation is None:
        return daemon_set.set(path, "0")
    number = parse_int64(generation)
    if number is None:
        why = parse_int64_problem(generation)
        raise bad_request(f'DaemonSet in version "v1" cannot be handled as a DaemonSet: {why}')
    return daemon_set if str(number) == generation else daemon_set.set(path, str(number))


def _daemon_set_spec(spec: FrozenMap) -> FrozenMap:
    spec = fill(spec, {"revisionHistoryLimit": 10})
    spec = map_child(spec, "updateStrategy", _node_strategy)
    return map_child(spec, "template", default_template)


def _node_strategy(strategy: FrozenMap) -> FrozenMap:
    strategy = fill_empty(strategy, {"type": ROLLING_UPDATE})
    if strategy["type"] == ROLLING_UPDATE:
        rolling = strategy.get("rollingUpdate") or EMPTY_MAP
        filled = fill(rolling, {"maxUnavailable": 1, "maxSurge": 0})
    elif (rolling := strategy.get("rollingUpdate")) is not None:
        # Nothing rolls: what is not said is zero, as upstream's own form of the kind has it.
        filled = fill(rolling, {"maxUnavailable": 0, "maxSurge": 0})
    else:
        return strategy
    return strategy if filled is rolling else strategy.set("rollingUpdate", filled)
