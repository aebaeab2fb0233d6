"""How much a pod asks for, in the four flavours upstream's scheduler uses.

| consumer | container statuses count | pod-level requests count | defaults for missing |
|---|---|---|---|
| Fit filter, incoming pod | no | yes | no |
| what a pod adds to its node; balanced score | yes | yes | no |
| the node's non-zero sums | yes | yes | yes |
| Fit score, incoming pod | no | no | yes |

The arithmetic is `kcore.api.core_v1.pod_resources`; which options apply where is the scheduler's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from kcore.api.core_v1.pod_resources import (
    SCHEDULER_OPTIONS,
    PodResourcesOptions,
    effective_requests,
    in_units,
    is_resize_infeasible,
    pod_level_requests_set,
)
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.quantity import Quantity, quantity_of
from kcore.scheduler.resources import CPU, EPHEMERAL_STORAGE, MEMORY, Resources, is_scalar

# What scoring assumes of a container that does not say: upstream's defaults.
DEFAULT_REQUESTS: Final[Mapping[str, Quantity]] = {
    CPU: Quantity.parse("100m"),
    MEMORY: Quantity.parse("200Mi"),
}

_WANTED: Final = PodResourcesOptions()
_SCORED: Final = PodResourcesOptions(skip_pod_level=True, non_missing_requests=DEFAULT_REQUESTS)
_NON_ZERO: Final = replace(SCHEDULER_OPTIONS, non_missing_requests=DEFAULT_REQUESTS)


@dataclass(frozen=True, slots=True)
class PodRequests:
    """All flavours of one pod."""

    requested: Resources
    """What the pod adds to its node's sums."""
    wanted: Resources
    """What the Fit filter asks of a node for the incoming pod."""
    non_zero: Resources
    """What the pod adds to the node's sums used by scoring (cpu and memory)."""
    scored: Resources
    """What the Fit score takes for the incoming pod."""
    amounts: tuple[int, ...] = field(init=False, compare=False)
    """What the pod adds to its node's sums, scalars apart: `requested`, then `non_zero`."""

    def __post_init__(self) -> None:
        requested, non_zero = self.requested, self.non_zero
        amounts = (
            requested.milli_cpu,
            requested.memory,
            requested.ephemeral_storage,
            non_zero.milli_cpu,
            non_zero.memory,
        )
        # Equal ones are one object: then so are sums of them, and they are added up once.
        own = {amount: amount for amount in reversed(amounts)}
        object.__setattr__(self, "amounts", tuple(own[amount] for amount in amounts))


def pod_requests(pod: FrozenMap) -> PodRequests:
    """Add up everything. O(containers * resources)."""
    requested = effective_requests(pod, SCHEDULER_OPTIONS)
    options = _NON_ZERO
    if pod_level_requests_set(pod):
        # Defaults stand in only for what even the pod as a whole does not name.
        missing = {name: one for name, one in DEFAULT_REQUESTS.items() if name not in requested}
        options = replace(options, non_missing_requests=missing)
    return PodRequests(
        requested=as_resources(requested),
        wanted=as_resources(effective_requests(pod, _WANTED)),
        non_zero=as_resources(effective_requests(pod, options)),
        scored=as_resources(effective_requests(pod, _SCORED)),
    )


def request_fields(pod: FrozenMap) -> tuple[object, ...]:
    """Everything of a pod that `pod_requests` depends on; equal for pods of one template.

    Statuses count only for pods that are being resized in place.
    """
    spec = pod.get("spec") or EMPTY_MAP
    status = pod.get("status") or EMPTY_MAP
    held = tuple(
        (one.get("name"), one.get("resources"), one.get("allocatedResources"))
        for kind in ("containerStatuses", "initContainerStatuses")
        for one in status.get(kind) or EMPTY_LIST
        if one.get("resources") is not None or one.get("allocatedResources") is not None
    )
    own = (status.get("resources"), status.get("allocatedResources"))
    resized = bool(held) or own != (None, None)
    return (
        spec.get("containers"),
        spec.get("initContainers"),
        spec.get("resources"),
        spec.get("overhead"),
        (held, own, is_resize_infeasible(pod)) if resized else None,
    )


def resources_of(listed: FrozenMap | None) -> Resources:
    """A resource list such as `status.allocatable` as integers."""
    return as_resources(
        {name: in_units(name, quantity_of(raw)) for name, raw in (listed or EMPTY_MAP).items()}
    )


def as_resources(amounts: Mapping[str, int]) -> Resources:
    """Amounts by name in the form that nodes are summed up in; unknown names are dropped."""
    return Resources(
        amounts.get(CPU, 0),
        amounts.get(MEMORY, 0),
        amounts.get(EPHEMERAL_STORAGE, 0),
        {name: amount for name, amount in amounts.items() if is_scalar(name)},
    )
