"""Node selectors: alternatives of conditions on a node's labels and name.

A term that cannot be compiled matches no node and says why only when asked for, as upstream: a bad
term beside a matching one does no harm.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kcore.machinery.field_errors import FieldError, FieldErrors, child, index
from kcore.machinery.fields import FieldRequirement, FieldSelector
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP
from kcore.machinery.labels import Requirement, Selector, SelectorError, requirement

_OPERATOR_OF: Final = {
    "In": "in",
    "NotIn": "notin",
    "Exists": "exists",
    "DoesNotExist": "!",
    "Gt": "gt",
    "Lt": "lt",
}
_FIELD_OPERATOR_OF: Final = {"In": "=", "NotIn": "!="}


@dataclass(frozen=True, slots=True)
class NodeSelectorTerm:
    """One alternative: all its expressions and fields must agree, unless `errors` spoil it."""

    labels: Selector | None
    fields: FieldSelector | None
    errors: tuple[FieldError, ...] = ()

    def matches(self, labels: Mapping[str, str], name: str) -> bool:
        """Whether a node with these labels and this name agrees."""
        if self.errors or (self.labels is not None and not self.labels.matches(labels)):
            return False
        if self.fields is None or not name:
            return True
        return self.fields.matches(_field_getter(name))


def _field_getter(name: str) -> Callable[[str], str]:
    return lambda field: name if field == "metadata.name" else ""


@dataclass(frozen=True, slots=True)
class NodeSelector:
    """Alternatives; one that matches is enough, none match nothing."""

    terms: tuple[NodeSelectorTerm, ...]

    def matches(self, node: Any) -> bool:
        """Whether `node` is selected; a term with errors selects nothing."""
        labels, name = node_identity(node)
        return any(term.matches(labels, name) for term in self.terms)

    def errors(self) -> FieldErrors:
        """What is wrong with the terms."""
        return FieldErrors(error for term in self.terms for error in term.errors)


def node_identity(node: Any) -> tuple[Mapping[str, str], str]:
    """Labels and name of a node, which is all that a selector sees."""
    labels = node.at("metadata", "labels", default=EMPTY_MAP)
    return labels, node.at("metadata", "name", default="")


def compile_node_selector(selector: Any) -> NodeSelector:
    """Compile a NodeSelector object. Empty terms are left out: they match nothing."""
    return NodeSelector(
        tuple(
            compile_term(term, index("nodeSelectorTerms", position))
            for position, term in enumerate(selector.at("nodeSelectorTerms", default=EMPTY_LIST))
            if not is_empty_term(term)
        )
    )


def is_empty_term(term: Any) -> bool:
    """Whether a term says nothing."""
    return not term.matchExpressions and not term.matchFields


def compile_term(term: Any, path: str) -> NodeSelectorTerm:
    """Compile one term; `path` is where messages say it stands."""
    errors = FieldErrors()
    labels = fields = None
    if term.matchExpressions:
        labels = _labels(term.matchExpressions, child(path, "matchExpressions"), errors)
    if term.matchFields:
        fields = _fields(term.matchFields, child(path, "matchFields"), errors)
    return NodeSelectorTerm(labels, fields, tuple(errors))


def _labels(expressions: Sequence[Any], path: str, errors: FieldErrors) -> Selector:
    found: list[Requirement] = []
    for position, expression in enumerate(expressions):
        here = index(path, position)
        word = expression.operator or ""
        if word not in _OPERATOR_OF:
            errors.not_supported(child(here, "operator"), word, _OPERATOR_OF)
            continue
        try:
            key = expression.key or ""
            values = expression.at("values")
            found.append(requirement(key, _OPERATOR_OF[word], values, here))
        except SelectorError as error:
            errors.extend(error.causes)
    return Selector(found)


def _fields(expressions: Sequence[Any], path: str, errors: FieldErrors) -> FieldSelector:
    found: list[FieldRequirement] = []
    for position, expression in enumerate(expressions):
        here = index(path, position)
        word = expression.operator or ""
        values = expression.at("values")
        if word not in _FIELD_OPERATOR_OF:
            errors.not_supported(child(here, "operator"), word, _FIELD_OPERATOR_OF)
        elif values is None or len(values) != 1:
            errors.invalid(child(here, "values"), values, "must have one element")
        else:
            key = expression.key or ""
            found.append(FieldRequirement(key, _FIELD_OPERATOR_OF[word], values[0]))
    return FieldSelector(tuple(found))
