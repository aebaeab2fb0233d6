"""What a pod asks for and may use, counted as the scheduler and the quota count it.

    effective = max(containers + sidecars, each init container + sidecars before it)
                replaced by pod-level amounts where set, plus overhead

The sum is the same for exact quantities (`pod_requests`) and for the integers of the scheduler's
hot path (`effective_requests`: cpu in thousandths, all else in units); it is written once, over
whatever can be added and compared. With `use_status`, a pod being resized counts as the greatest of
what it wants, has been given and really has. Claims of devices (DRA) are not counted.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP
from kcore.machinery.quantity import Quantity, quantity_of

_POD_LEVEL: Final = frozenset({"cpu", "memory"})
_HUGE_PAGES: Final = "hugepages-"
_REMEMBERED_COUNT: Final = 16_384

# A resource list: name -> Quantity, or name -> int.
Amounts = dict[str, Any]
# Reads one container's list, given its spec and its status.
_ListOf = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class PodResourcesOptions:
    """Which parts count; the names follow upstream's options."""

    use_status: bool = False
    use_pod_level_status: bool = False
    exclude_overhead: bool = False
    skip_pod_level: bool = False
    skip_container_level: bool = False
    # What a container without a request counts as, per resource.
    non_missing_requests: Mapping[str, Quantity] = field(default_factory=dict)


# As the scheduler of the pinned version counts.
SCHEDULER_OPTIONS: Final = PodResourcesOptions(use_status=True, use_pod_level_status=True)


def pod_requests(pod: Any, options: PodResourcesOptions = SCHEDULER_OPTIONS) -> Amounts:
    """Exact requests of the pod."""
    return _Sum(pod, options, _exact).requests()


def pod_limits(pod: Any, options: PodResourcesOptions = SCHEDULER_OPTIONS) -> Amounts:
    """Exact limits of the pod."""
    return _Sum(pod, options, _exact).limits()


def container_requests(pod: Any, options: PodResourcesOptions = SCHEDULER_OPTIONS) -> Amounts:
    """Exact requests summed over containers alone."""
    return _Sum(pod, options, _exact).container_requests()


def container_limits(pod: Any, options: PodResourcesOptions = SCHEDULER_OPTIONS) -> Amounts:
    """Exact limits summed over containers alone."""
    return _Sum(pod, options, _exact).container_limits()


def effective_requests(
    pod: Any, options: PodResourcesOptions = SCHEDULER_OPTIONS
) -> dict[str, int]:
    """Requests as integers: `cpu` in thousandths, everything else in units, rounded up.

    O(containers). The sum is done in integers while every text is a whole number of them, and
    exactly otherwise, so that rounding happens once, at the end.
    """
    try:
        return _Sum(pod, options, _whole).requests()
    except _FractionError:
        return {name: in_units(name, one) for name, one in pod_requests(pod, options).items()}


def in_units(name: str, quantity: Quantity) -> int:
    """A quantity in the integer unit of its resource."""
    return quantity.milli_value() if name == "cpu" else quantity.value()


class _FractionError(Exception):
    """An amount is no whole number of units."""


@lru_cache(maxsize=_REMEMBERED_COUNT)
def _whole(name: str, raw: str | float | Quantity) -> int:
    quantity = raw if isinstance(raw, Quantity) else quantity_of(raw)
    power = -3 if name == "cpu" else 0
    if not quantity.rounded_up(power)[1]:
        raise _FractionError(name)
    return in_units(name, quantity)


def _exact(_name: str, raw: Any) -> Quantity:
    return raw if isinstance(raw, Quantity) else quantity_of(raw)


def is_pod_level_resource(name: str) -> bool:
    """Whether a resource can be set for the pod as a whole."""
    return name in _POD_LEVEL or name.startswith(_HUGE_PAGES)


def _sets_pod_level(pod: Any, *lists: str) -> bool:
    return any(
        is_pod_level_resource(name)
        for one in lists
        for name in pod.at("spec", "resources", one, default=EMPTY_MAP)
    )


def pod_level_requests_set(pod: Any) -> bool:
    """Whether requests are set for the pod as a whole."""
    return _sets_pod_level(pod, "requests")


def pod_level_limits_set(pod: Any) -> bool:
    """Whether limits are set for the pod as a whole."""
    return _sets_pod_level(pod, "limits")


def pod_level_resources_set(pod: Any) -> bool:
    """Whether requests or limits are set for the pod as a whole."""
    return _sets_pod_level(pod, "requests", "limits")


def _resize_reason(pod: Any) -> str:
    for condition in pod.at("status", "conditions", default=EMPTY_LIST):
        if condition.type == "PodResizePending":
            return condition.reason or ""
    return ""


def is_resize_infeasible(pod: Any) -> bool:
    """Whether the node said it can never grant the wanted resize."""
    return _resize_reason(pod) == "Infeasible"


def is_resize_deferred(pod: Any) -> bool:
    """Whether the node said it cannot grant the wanted resize now."""
    return _resize_reason(pod) == "Deferred"


class _Sum:
    """One pod's sums under given options, in the amounts that `read` makes of texts."""

    def __init__(
        self, pod: Any, options: PodResourcesOptions, read: Callable[[str, Any], Any]
    ) -> None:
        self._pod = pod
        self._options = options
        self._read = read
        self._is_infeasible = options.use_status and is_resize_infeasible(pod)
        self._status_of = _container_statuses(pod) if options.use_status else {}

    def requests(self) -> Amounts:
        pod, options = self._pod, self._options
        totals: Amounts = {} if options.skip_container_level else self.container_requests()
        if not options.skip_pod_level and pod_level_requests_set(pod):
            allocated = pod.at("status", "allocatedResources", default=EMPTY_MAP)
            self._replace_pod_level(totals, "requests", allocated)
        if not options.exclude_overhead:
            self._add(totals, self._amounts(pod.at("spec", "overhead")))
        return totals

    def limits(self) -> Amounts:
        pod, options = self._pod, self._options
        totals = self.container_limits()
        if not options.skip_pod_level and pod_level_resources_set(pod):
            self._replace_pod_level(totals, "limits", EMPTY_MAP)
        if not options.exclude_overhead:
            overhead = self._amounts(pod.at("spec", "overhead"))
            limited = {name: one for name, one in overhead.items() if totals.get(name)}
            self._add(totals, limited)
        return totals

    def container_requests(self) -> Amounts:
        wanted = self._aggregate(_wanted("requests"))
        if not self._options.use_status or self._is_unreported():
            return wanted
        pod = self._pod
        actual = pod.at("status", "resources", "requests")
        allocated = pod.at("status", "allocatedResources")
        if self._options.use_pod_level_status and actual is not None and allocated is not None:
            given, real = self._amounts(allocated), self._amounts(actual)
        else:
            given = self._aggregate(self._given)
            real = self._aggregate(self._real)
        if self._is_infeasible:
            return _greatest(real, given)
        return _greatest(wanted, real, given)

    def _is_unreported(self) -> bool:
        """Whether the status says nothing about amounts: then all sums are those of the spec."""
        if self._is_infeasible or self._pod.at("status", "resources") is not None:
            return False
        return all(
            status.allocatedResources is None and status.resources is None
            for status in self._status_of.values()
        )

    def container_limits(self) -> Amounts:
        unlimited = replace(self._options, non_missing_requests={})
        plain = self if unlimited == self._options else _Sum(self._pod, unlimited, self._read)
        return plain._container_limits()

    def _container_limits(self) -> Amounts:
        wanted = self._aggregate(_wanted("limits"))
        if not self._options.use_status or self._is_unreported():
            return wanted
        actual = self._pod.at("status", "resources", "limits")
        if self._options.use_pod_level_status and actual is not None:
            real = self._amounts(actual)
        else:
            real = self._aggregate(self._real_limits)
        return real if self._is_infeasible else _greatest(wanted, real)

    def _replace_pod_level(self, totals: Amounts, which: str, allocated: Any) -> None:
        pod, options = self._pod, self._options
        amounts = self._amounts(pod.at("spec", "resources", which))
        status = pod.at("status", "resources")
        if options.use_pod_level_status and options.use_status and status is not None:
            wanted = {} if is_resize_infeasible(pod) else amounts
            actual = self._amounts(status.at(which))
            amounts = _greatest(wanted, actual, self._amounts(allocated))
        totals.update((name, one) for name, one in amounts.items() if is_pod_level_resource(name))

    def _aggregate(self, list_of: _ListOf) -> Amounts:
        """Containers together; init containers one by one, each with the sidecars before it."""
        spec = self._pod.at("spec", default=EMPTY_MAP)
        totals: Amounts = {}
        for container in spec.at("containers", default=EMPTY_LIST):
            self._add(totals, self._of_container(container, list_of))
        sidecars: Amounts = {}
        peak: Amounts = {}
        for container in spec.at("initContainers", default=EMPTY_LIST):
            amounts = self._of_container(container, list_of)
            if container.restartPolicy == "Always":
                self._add(totals, amounts)
                self._add(sidecars, amounts)
                _raise_to(peak, sidecars)
            else:
                self._add(amounts, sidecars)
                _raise_to(peak, amounts)
        _raise_to(totals, peak)
        return totals

    def _of_container(self, container: Any, list_of: _ListOf) -> Amounts:
        amounts = self._amounts(list_of(container, self._status_of.get(container.name or "")))
        for name, quantity in self._options.non_missing_requests.items():
            if name not in amounts:
                amounts[name] = self._read(name, quantity)
        return amounts

    def _given(self, container: Any, status: Any) -> Any:
        if status is not None and status.allocatedResources is not None:
            return status.allocatedResources
        return None if self._is_infeasible else container.at("resources", "requests")

    def _real(self, container: Any, status: Any) -> Any:
        if status is not None and status.at("resources", "requests") is not None:
            return status.at("resources", "requests")
        return self._given(container, status)

    def _real_limits(self, container: Any, status: Any) -> Any:
        if status is not None and status.at("resources", "limits") is not None:
            return status.at("resources", "limits")
        return None if self._is_infeasible else container.at("resources", "limits")

    def _amounts(self, listed: Any) -> Amounts:
        if not listed:
            return {}
        read = self._read
        return {name: read(name, listed[name]) for name in listed}

    @staticmethod
    def _add(totals: Amounts, amounts: Amounts) -> None:
        for name, one in amounts.items():
            totals[name] = totals[name] + one if name in totals else one


def _wanted(which: str) -> _ListOf:
    return lambda container, _status: container.at("resources", which)


def _container_statuses(pod: Any) -> dict[str, Any]:
    """Name -> status; a container's wins over an init container's, the first over a later one."""
    found: dict[str, Any] = {}
    for name in ("containerStatuses", "initContainerStatuses"):
        for status in pod.at("status", name, default=EMPTY_LIST):
            found.setdefault(status.name or "", status)
    return found


def _raise_to(totals: Amounts, amounts: Amounts) -> None:
    for name, one in amounts.items():
        if name not in totals or one > totals[name]:
            totals[name] = one


def _greatest(first: Amounts, *others: Amounts) -> Amounts:
    result = dict(first)
    for other in others:
        _raise_to(result, other)
    return result


def sum_lists(lists: Iterable[Mapping[str, Quantity]]) -> dict[str, Quantity]:
    """The sum of several resource lists."""
    totals: dict[str, Quantity] = {}
    for one in lists:
        for name, quantity in one.items():
            totals[name] = totals[name] + quantity if name in totals else quantity
    return totals
