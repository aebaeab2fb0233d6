"""What of each resource's objects is indexed for selectors: labels, namespace, and some fields.

Fields are those that clients of large clusters select by: kubelets their pods, `kubectl describe`
the events of an object. An index of a field costs every object a little, so the others are read.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from kcore.api.field_labels import FIELD_LABELS
from kcore.api.kind_rules import FieldLabel
from kcore.machinery.frozen import FrozenMap
from kcore.store.selection.facets import Facets

NAMESPACE: Final = "metadata.namespace"

_INDEXED: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "pods": ("Pod", ("spec.nodeName", "status.phase")),
    "events": ("Event", ("involvedObject.uid", "involvedObject.name")),
    "secrets": ("Secret", ("type",)),
}


def labels_of(obj: FrozenMap) -> Mapping[str, Any] | None:
    """The labels of an object, None for none."""
    return obj["metadata"].get("labels")  # type: ignore[no-any-return]


def _namespaces(obj: FrozenMap) -> tuple[str]:
    return (obj["metadata"].get("namespace") or "",)


class _Single:
    """A field with one text, as an index wants it."""

    __slots__ = ("_read",)

    def __init__(self, read: FieldLabel) -> None:
        self._read = read

    def __call__(self, obj: FrozenMap) -> tuple[str]:
        return (self._read(obj),)


def _facets(kind: str = "", fields: tuple[str, ...] = ()) -> Facets:
    readers = {name: _Single(FIELD_LABELS["", kind][name]) for name in fields}
    return Facets(labels_of, MappingProxyType({NAMESPACE: _namespaces, **readers}))


_PLAIN: Final = _facets()
_FACETS: Final = {bucket: _facets(*indexed) for bucket, indexed in _INDEXED.items()}


def facets_of(bucket: str) -> Facets:
    """What is indexed of a resource's objects; the same value each time."""
    return _FACETS.get(bucket, _PLAIN)
