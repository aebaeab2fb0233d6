"""How much a pod asks for, in the four flavours upstream's scheduler uses.

| consumer | container statuses count | pod-level requests count | defaults for missing |
|---|---|---|---|
| Fit filter, incoming pod | no | yes | no |
| what a pod adds to its node; balanced score | yes | yes | no |
| the node's non-zero sums | yes | yes | yes |
| Fit score, incoming pod | no | no | yes |

The sum is exact (billionths); each resource is rounded up once, at the end, so two containers of
0.5m make 1m. Source of the rules: component-helpers' `PodRequests` and the scheduler's callers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.quantity import Quantity
from kcore.scheduler.resources import (
    CPU,
    EPHEMERAL_STORAGE,
    MEMORY,
    Resources,
    is_scalar,
)

# What scoring assumes of a container that does not say: 100m and 200 MiB (upstream's defaults).
DEFAULT_MILLI_CPU: Final = 100
DEFAULT_MEMORY_BYTES: Final = 200 * 1024 * 1024

_NANO_POWER: Final = -9
_MILLI_IN_NANOS: Final = 10**6
_UNIT_IN_NANOS: Final = 10**9
_DEFAULTS: Final[Mapping[str, int]] = {
    CPU: DEFAULT_MILLI_CPU * _MILLI_IN_NANOS,
    MEMORY: DEFAULT_MEMORY_BYTES * _UNIT_IN_NANOS,
}

Nanos = dict[str, int]
"""Exact amounts by resource name, in billionths."""


@dataclass(frozen=True, slots=True)
class _Flavour:
    status: bool
    pod_level: bool
    defaults: Mapping[str, int]


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


def pod_requests(pod: FrozenMap) -> PodRequests:
    """Add up everything. O(containers * resources)."""
    exact = _total(pod, _Flavour(True, True, EMPTY_MAP))
    defaults = _DEFAULTS
    if _supported_pod_level(pod):
        defaults = {name: value for name, value in _DEFAULTS.items() if name not in exact}
    non_zero = _total(pod, _Flavour(True, True, defaults)) if defaults else exact
    return PodRequests(
        requested=_rounded(exact),
        wanted=_rounded(_total(pod, _Flavour(False, True, EMPTY_MAP))),
        non_zero=_rounded(non_zero),
        scored=_rounded(_total(pod, _Flavour(False, False, _DEFAULTS))),
    )


def resources_of(amounts: FrozenMap | None) -> Resources:
    """A resource list such as `status.allocatable` as integers."""
    return _rounded({name: _nanos(text) for name, text in (amounts or EMPTY_MAP).items()})


def _total(pod: FrozenMap, flavour: _Flavour) -> Nanos:
    spec = pod["spec"]
    total = _containers_total(pod, flavour)
    if flavour.pod_level:
        for name, value in _pod_level(pod, flavour.status).items():
            total[name] = value
    _add(total, _list_nanos(spec.get("overhead")))
    return total


def _containers_total(pod: FrozenMap, flavour: _Flavour) -> Nanos:
    spec, status = pod["spec"], pod.get("status") or EMPTY_MAP
    statuses = _by_name(status.get("containerStatuses")) if flavour.status else {}
    total: Nanos = {}
    for container in spec.get("containers") or EMPTY_LIST:
        _add(total, _container(pod, container, statuses, flavour.defaults))
    statuses = _by_name(status.get("initContainerStatuses")) if flavour.status else {}
    sidecars: Nanos = {}
    peak: Nanos = {}
    for container in spec.get("initContainers") or EMPTY_LIST:
        is_sidecar = container.get("restartPolicy") == "Always"
        own = _container(pod, container, statuses if is_sidecar else {}, flavour.defaults)
        if is_sidecar:
            _add(total, own)
            _add(sidecars, own)
            own = sidecars
        else:
            _add(own, sidecars)
        _raise_to(peak, own)
    _raise_to(total, peak)
    return total


def _container(
    pod: FrozenMap,
    container: FrozenMap,
    statuses: Mapping[str, FrozenMap],
    defaults: Mapping[str, int],
) -> Nanos:
    amounts = _list_nanos(container.at("resources", "requests"))
    status = statuses.get(container.get("name") or "")
    if status is not None and status.get("resources") is not None:
        amounts = _in_place(
            pod,
            amounts,
            _list_nanos(status.at("resources", "requests")),
            _list_nanos(status.get("allocatedResources")),
        )
    for name, value in defaults.items():
        amounts.setdefault(name, value)
    return amounts


def _in_place(pod: FrozenMap, wanted: Nanos, actual: Nanos, allocated: Nanos) -> Nanos:
    """A pod being resized holds the most of what it had, was given and wants.

    A resize that will never happen is not counted.
    """
    amounts = dict(actual)
    _raise_to(amounts, allocated)
    if not _resize_is_infeasible(pod):
        _raise_to(amounts, wanted)
    return amounts


def _resize_is_infeasible(pod: FrozenMap) -> bool:
    for condition in pod.at("status", "conditions", default=EMPTY_LIST):
        if condition.get("type") == "PodResizePending":
            return bool(condition.get("reason") == "Infeasible")
    return False


def _supported_pod_level(pod: FrozenMap) -> Nanos:
    requests = pod.at("spec", "resources", "requests")
    return {
        name: _nanos(text)
        for name, text in (requests or EMPTY_MAP).items()
        if name in (CPU, MEMORY) or name.startswith("hugepages-")
    }


def _pod_level(pod: FrozenMap, with_status: bool) -> Nanos:
    wanted = _supported_pod_level(pod)
    status = pod.get("status") or EMPTY_MAP
    if not wanted or not with_status or status.get("resources") is None:
        return wanted
    actual = _list_nanos(status.at("resources", "requests"))
    return _in_place(pod, wanted, actual, _list_nanos(status.get("allocatedResources")))


def _by_name(statuses: Any) -> dict[str, FrozenMap]:
    return {status["name"]: status for status in statuses or EMPTY_LIST}


def _list_nanos(amounts: FrozenMap | None) -> Nanos:
    return {name: _nanos(text) for name, text in (amounts or EMPTY_MAP).items()}


def _nanos(amount: Any) -> int:
    return Quantity.parse(str(amount)).number.rescaled(_NANO_POWER).unscaled


def _add(total: Nanos, other: Nanos) -> None:
    for name, value in other.items():
        total[name] = total.get(name, 0) + value


def _raise_to(total: Nanos, other: Nanos) -> None:
    for name, value in other.items():
        if name not in total or value > total[name]:
            total[name] = value


def _rounded(exact: Nanos) -> Resources:
    scalars = {
        name: -(-value // _UNIT_IN_NANOS) for name, value in exact.items() if is_scalar(name)
    }
    return Resources(
        -(-exact.get(CPU, 0) // _MILLI_IN_NANOS),
        -(-exact.get(MEMORY, 0) // _UNIT_IN_NANOS),
        -(-exact.get(EPHEMERAL_STORAGE, 0) // _UNIT_IN_NANOS),
        scalars,
    )
