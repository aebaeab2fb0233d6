"""The quality-of-service class of a pod: what it asks for against what it is held to."""

from collections.abc import Iterable
from typing import Any, Final

from kcore.api.core_v1.pod_resources import pod_level_resources_set
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP
from kcore.machinery.quantity import Quantity, quantity_of

GUARANTEED: Final = "Guaranteed"
BURSTABLE: Final = "Burstable"
BEST_EFFORT: Final = "BestEffort"

# Only these decide.
_RESOURCES: Final = ("cpu", "memory")


def qos_class(pod: Any) -> str:
    """The class the status says, else the computed one."""
    return pod.at("status", "qosClass", default="") or compute_qos_class(pod)


def compute_qos_class(pod: Any) -> str:
    """Guaranteed: every limit set and equal to its request. BestEffort: nothing set."""
    requests: dict[str, Quantity] = {}
    limits: dict[str, Quantity] = {}
    fully_limited = True
    for resources in _resource_blocks(pod):
        _accumulate(requests, resources.at("requests", default=EMPTY_MAP))
        block_limits = resources.at("limits", default=EMPTY_MAP)
        _accumulate(limits, block_limits)
        fully_limited = fully_limited and _limits_all(block_limits)
    if not requests and not limits:
        return BEST_EFFORT
    if fully_limited and requests == limits:
        return GUARANTEED
    return BURSTABLE


def _resource_blocks(pod: Any) -> Iterable[Any]:
    if pod_level_resources_set(pod):
        return (pod["spec"]["resources"],)
    return (
        container.at("resources", default=EMPTY_MAP)
        for field in ("containers", "initContainers")
        for container in pod.at("spec", field, default=EMPTY_LIST)
    )


def _limits_all(limits: Any) -> bool:
    return all(name in limits and quantity_of(limits[name]).sign() > 0 for name in _RESOURCES)


def _accumulate(totals: dict[str, Quantity], listed: Any) -> None:
    for name in _RESOURCES:
        if name not in listed:
            continue
        quantity = quantity_of(listed[name])
        if quantity.sign() > 0:
            totals[name] = totals[name] + quantity if name in totals else quantity
