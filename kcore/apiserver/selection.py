"""Which objects a list, watch or deletecollection is about: namespace, labels, fields."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kcore.api.field_labels import refusal
from kcore.apiserver.endpoint import Endpoint
from kcore.apiserver.facets import NAMESPACE, facets_of
from kcore.apiserver.storage import VALUE
from kcore.errors import bad_request
from kcore.machinery.fields import (
    FieldRequirement,
    FieldSelector,
    FieldSelectorError,
    parse_field_selector,
)
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.labels import Selector, SelectorError, parse_selector
from kcore.machinery.request import ListOptions
from kcore.store.revision import KeyValue
from kcore.store.selection import SelectionLine, Term, Wish
from kcore.store.snapshot import BucketView


def _name(obj: FrozenMap) -> str:
    return obj["metadata"]["name"]  # type: ignore[no-any-return]


def _namespace(obj: FrozenMap) -> str:
    return obj["metadata"].get("namespace") or ""


# Of every kind, whatever its rules.
_PLAIN_FIELDS: Final = {"metadata.name": _name, "metadata.namespace": _namespace}


@dataclass(frozen=True, slots=True)
class Selection:
    """A namespace (empty: all) and two selectors; None selects everything."""

    endpoint: Endpoint
    namespace: str
    labels: Selector | None
    fields: FieldSelector | None

    @property
    def has_selector(self) -> bool:
        """Whether labels or fields narrow it down."""
        return self.labels is not None or self.fields is not None

    @property
    def is_everything(self) -> bool:
        """Whether every object of the resource is selected."""
        return not self.namespace and not self.has_selector

    @property
    def start_key(self) -> str:
        """Where the namespace begins in its bucket; continue tokens are relative to it."""
        if self.namespace:
            return f"{self.namespace}/"
        return "" if self.endpoint.info.namespaced else "/"

    @property
    def end_key(self) -> str:
        """Where the namespace ends; `0` follows `/`."""
        return f"{self.namespace}0" if self.namespace else ""

    def matches(self, obj: FrozenMap) -> bool:
        """Whether the selectors and the namespace agree with the object."""
        metadata = obj["metadata"]
        if self.namespace and metadata.get("namespace") != self.namespace:
            return False
        if self.labels is not None and not self.labels.matches(metadata.get("labels")):
            return False
        return self.fields is None or self.fields.matches(lambda field: self._text(obj, field))

    def _text(self, obj: FrozenMap, field: str) -> str:
        read = _PLAIN_FIELDS.get(field) or self.endpoint.rules.field_labels[field]
        return read(obj)

    def wish(self) -> Wish:
        """The same in the words of the store's watchers."""
        rules = self.endpoint.rules.field_labels
        terms = [Term(_namespace, "=", self.namespace)] if self.namespace else []
        for one in () if self.fields is None else self.fields.requirements:
            read = _PLAIN_FIELDS.get(one.field) or rules[one.field]
            terms.append(Term(read, "=" if one.operator == "=" else "!=", one.value))
        return Wish(self.labels, tuple(terms))

    def of_view(self, view: BucketView, line: SelectionLine | None = None) -> Iterator[FrozenMap]:
        """The selected objects of a view, in key order; `line` holds the bucket's indexes."""
        entries, is_exact = self.candidates(view, line)
        objects = map(VALUE, entries)
        return objects if is_exact else filter(self.matches, objects)

    def candidates(
        self, view: BucketView, line: SelectionLine | None = None, start: str = "", limit: int = 0
    ) -> tuple[Iterator[KeyValue], bool]:
        """Entries from `start` on that may be selected, in key order, and whether all of them are.

        `limit` says how many are wanted soon; where all are selected there are no more. By an index
        where there is one and it pays.
        """
        start = start or self.start_key
        if not self.has_selector:
            return view.range(start, self.end_key, limit), True
        found = self._by_field(view)
        if found is None and line is not None:
            facets = facets_of(self.endpoint.bucket)
            if line.worth_asking(facets, view, view.count(start, self.end_key)):
                selected = line.select(facets, view, self.labels, self._with_namespace())
                return selected.entries(start, self.end_key, limit), selected.is_exact
        if found is None:
            return view.range(start, self.end_key), False
        return (entry for entry in found if entry.key >= start), False

    def _by_field(self, view: BucketView) -> Iterator[KeyValue] | None:
        """What a required name or node leaves, where it leaves little."""
        if self.fields is None:
            return None
        name = self.fields.required_value("metadata.name")
        if name is not None and (self.namespace or not self.endpoint.info.namespaced):
            entry = view.get(f"{self.namespace}/{name}")
            return iter(() if entry is None else (entry,))
        node = self.fields.required_value("spec.nodeName")
        if node and self.endpoint.bucket == "pods":
            return view.by_index("node", node)
        return None

    def _with_namespace(self) -> FieldSelector | None:
        if not self.namespace:
            return self.fields
        terms = () if self.fields is None else self.fields.requirements
        return FieldSelector((*terms, FieldRequirement(NAMESPACE, "=", self.namespace)))


def select(endpoint: Endpoint, namespace: str, options: ListOptions) -> Selection:
    """Parse the selectors of `options`.

    Raises:
        ApiError: 400, a selector cannot be parsed or names a field the kind does not offer.
    """
    labels = fields = None
    if options.label_selector:
        try:
            labels = parse_selector(options.label_selector)
        except SelectorError as error:
            raise bad_request(str(error)) from None
        labels = None if labels.is_empty() else labels
    if options.field_selector:
        try:
            fields = parse_field_selector(options.field_selector)
        except FieldSelectorError as error:
            raise bad_request(str(error)) from None
        _check_fields(endpoint, fields)
        fields = None if fields.is_empty() else fields
    return Selection(endpoint, namespace, labels, fields)


def _check_fields(endpoint: Endpoint, fields: FieldSelector) -> None:
    offered = endpoint.rules.field_labels
    for requirement in fields.requirements:
        field = requirement.field
        if field in offered:
            continue
        why = refusal(endpoint.info.gvk.group, endpoint.kind, field)
        if why and endpoint.custom is not None and not field.startswith("metadata."):
            why = f"field label not supported: {field}"
        if why:
            raise bad_request(why)
