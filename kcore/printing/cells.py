"""Pieces of text that the cells of many kinds share; each follows upstream's printers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from kcore.errors import KcoreError
from kcore.machinery.durations import human_duration
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.labels import from_label_selector
from kcore.machinery.quantity import Quantity
from kcore.machinery.timestamps import parse_time

NONE: Final = "<none>"
UNSET: Final = "<unset>"
UNKNOWN: Final = "<unknown>"
SHOWN_COUNT_MAX: Final = 3
"""Upstream lists three addresses, ports or hosts and counts the rest."""


def since(timestamp: str | None, now_ns: int) -> str:
    """How long ago, in kubectl's words; `<unknown>` without a time."""
    if not timestamp:
        return UNKNOWN
    return human_duration(now_ns - parse_time(timestamp))


def age(obj: FrozenMap, now_ns: int) -> str:
    """How long ago `obj` was created."""
    return since(obj.at("metadata", "creationTimestamp"), now_ns)


def name(obj: FrozenMap) -> str:
    """`metadata.name`."""
    return str(obj.at("metadata", "name", default=""))


def number(obj: FrozenMap, *path: str) -> int:
    """The integer at `path`; 0 when absent."""
    return int(obj.at(*path, default=0) or 0)


def word(obj: FrozenMap, *path: str, default: str = "") -> str:
    """The text at `path`; `default` when absent or empty."""
    return str(obj.at(*path) or default)


def items(obj: FrozenMap, *path: str) -> Sequence[Any]:
    """The list at `path`; empty when absent."""
    return obj.at(*path) or EMPTY_LIST


def mapping(obj: FrozenMap, *path: str) -> FrozenMap:
    """The map at `path`; empty when absent."""
    return obj.at(*path) or EMPTY_MAP


def labels(pairs: Mapping[str, Any] | FrozenMap | None) -> str:
    """`a=1,b=2` sorted by key, or `<none>`."""
    if not pairs:
        return NONE
    return ",".join(f"{key}={pairs[key]}" for key in sorted(pairs))


def selector(label_selector: FrozenMap | None) -> str:
    """A label selector as kubectl takes it; `<none>` when it selects all, `<error>` when bad."""
    if label_selector is None:
        return NONE
    try:
        return str(from_label_selector(label_selector)) or NONE
    except (KcoreError, ValueError):
        return "<error>"


def container_names(pod_spec: FrozenMap) -> str:
    """Names of the main containers, comma-separated."""
    return ",".join(word(container, "name") for container in items(pod_spec, "containers"))


def container_images(pod_spec: FrozenMap) -> str:
    """Images of the main containers, comma-separated."""
    return ",".join(word(container, "image") for container in items(pod_spec, "containers"))


def selector_dump(label_selector: FrozenMap) -> str:
    """A label selector as Go's generated `String` writes the struct."""
    labels = mapping(label_selector, "matchLabels")
    pairs = "".join(f"{key}: {value}," for key, value in labels.items())
    expressions = "".join(
        f"LabelSelectorRequirement{{Key:{word(one, 'key')},Operator:{word(one, 'operator')},"
        f"Values:[{' '.join(map(str, items(one, 'values')))}],}},"
        for one in items(label_selector, "matchExpressions")
    )
    return (
        f"&LabelSelector{{MatchLabels:map[string]string{{{pairs}}},"
        f"MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}"
    )


def first_few(texts: Iterable[str], *, empty: str) -> str:
    """The first three, and how many more there are."""
    everything = list(texts)
    shown = ",".join(everything[:SHOWN_COUNT_MAX])
    if len(everything) > SHOWN_COUNT_MAX:
        return f"{shown} + {len(everything) - SHOWN_COUNT_MAX} more..."
    return shown or empty


def condition(obj: FrozenMap, kind: str) -> FrozenMap | None:
    """The condition of this type, or None."""
    for candidate in items(obj, "status", "conditions"):
        if candidate.type == kind:
            return candidate  # type: ignore[no-any-return]
    return None


def condition_is_true(obj: FrozenMap, kind: str) -> bool:
    """Whether the condition of this type has status True."""
    found = condition(obj, kind)
    return found is not None and found.status == "True"


def quantity(value: object) -> str:
    """A resource quantity in its canonical form; absent is 0."""
    return "0" if value is None else str(Quantity.parse(str(value)))


def boolean(value: bool | None) -> str:
    """`True`, `False`, or `<unset>`."""
    return UNSET if value is None else str(bool(value))
