"""Which nodes a pod's node selector and node affinity mean: parsed once, matched often.

A required term that cannot be parsed matches nothing; a preferred one is an error. An empty term
matches nothing. Operators: In, NotIn (also when the label is absent), Exists, DoesNotExist, Gt and
Lt (integers). `matchFields` knows `metadata.name` only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.labels import Requirement, SelectorError, requirement

NODE_NAME_FIELD: Final = "metadata.name"
_OPERATORS: Final = {
    "In": "in",
    "NotIn": "notin",
    "Exists": "exists",
    "DoesNotExist": "!",
    "Gt": "gt",
    "Lt": "lt",
}


@dataclass(frozen=True, slots=True)
class FieldRequirement:
    """`metadata.name` is, or is not, one value. Other fields of a node read as empty."""

    key: str
    value: str
    is_equal: bool

    def matches(self, node_name: str) -> bool:
        """Whether a node of this name meets the requirement."""
        actual = node_name if self.key == NODE_NAME_FIELD else ""
        return (actual == self.value) is self.is_equal


@dataclass(frozen=True, slots=True)
class Term:
    """Expressions and fields that must all hold; with `problems` it cannot hold."""

    expressions: tuple[Requirement, ...] = ()
    fields: tuple[FieldRequirement, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the term says nothing: then it matches nothing."""
        return not (self.expressions or self.fields or self.problems)

    def matches(self, labels: Mapping[str, str], node_name: str) -> bool:
        """Whether a node is meant. O(requirements)."""
        if self.problems or self.is_empty:
            return False
        for expression in self.expressions:
            if not expression.matches(labels):
                return False
        return all(field.matches(node_name) for field in self.fields)


@dataclass(frozen=True, slots=True)
class NodeSelector:
    """Terms of which one must hold."""

    terms: tuple[Term, ...]

    def matches(self, labels: Mapping[str, str], node_name: str) -> bool:
        """Whether a node is meant by any term."""
        return any(term.matches(labels, node_name) for term in self.terms)


@dataclass(frozen=True, slots=True)
class RequiredNodes:
    """`spec.nodeSelector` and the required node affinity together."""

    labels: tuple[tuple[str, str], ...]
    selector: NodeSelector | None

    def matches(self, labels: Mapping[str, str], node_name: str) -> bool:
        """Whether the pod may run on a node as far as it has a say itself."""
        for key, value in self.labels:
            if labels.get(key) != value:
                return False
        return self.selector is None or self.selector.matches(labels, node_name)


@dataclass(frozen=True, slots=True)
class PreferredNodes:
    """Weighted terms."""

    terms: tuple[tuple[int, Term], ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be parsed."""
        return tuple(problem for _, term in self.terms for problem in term.problems)

    def score(self, labels: Mapping[str, str], node_name: str) -> int:
        """The weights of the terms that hold."""
        return sum(weight for weight, term in self.terms if term.matches(labels, node_name))


def required_nodes(spec: FrozenMap) -> RequiredNodes:
    """Parse what a pod spec demands of its node."""
    required = spec.at("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    wanted = spec.get("nodeSelector") or EMPTY_MAP
    return RequiredNodes(
        tuple(wanted.items()), None if required is None else node_selector(required)
    )


def node_selector(selector: FrozenMap) -> NodeSelector:
    """Parse a NodeSelector object."""
    terms = selector.get("nodeSelectorTerms") or EMPTY_LIST
    return NodeSelector(tuple(_term(term, f"[{index}]") for index, term in enumerate(terms)))


def preferred_nodes(preferences: Sequence[FrozenMap]) -> PreferredNodes:
    """Parse weighted preferences; those of weight 0 and empty ones are left out."""
    terms = []
    for index, preference in enumerate(preferences):
        weight = preference.get("weight") or 0
        term = _term(preference.get("preference") or EMPTY_MAP, f"[{index}]")
        if weight and not term.is_empty:
            terms.append((weight, term))
    return PreferredNodes(tuple(terms))


def _term(term: FrozenMap, path: str) -> Term:
    expressions: list[Requirement] = []
    fields: list[FieldRequirement] = []
    problems: list[str] = []
    for index, item in enumerate(term.get("matchExpressions") or EMPTY_LIST):
        try:
            expressions.append(_expression(item, f"{path}.matchExpressions[{index}]"))
        except SelectorError as error:
            problems.append(str(error))
    for index, item in enumerate(term.get("matchFields") or EMPTY_LIST):
        try:
            fields.append(_field(item, f"{path}.matchFields[{index}]"))
        except SelectorError as error:
            problems.append(str(error))
    return Term(tuple(expressions), tuple(fields), tuple(problems))


def _expression(item: FrozenMap, path: str) -> Requirement:
    word = item.get("operator") or ""
    if word not in _OPERATORS:
        raise SelectorError(
            f'{path}.operator: Unsupported value: "{word}": not a valid selector operator'
        )
    values = tuple(item.get("values") or EMPTY_LIST)
    return requirement(item.get("key") or "", _OPERATORS[word], values, path)


def _field(item: FrozenMap, path: str) -> FieldRequirement:
    word, values = item.get("operator") or "", item.get("values") or EMPTY_LIST
    if word not in ("In", "NotIn"):
        raise SelectorError(
            f'{path}.operator: Unsupported value: "{word}": not a valid selector operator'
        )
    if len(values) != 1:
        raise SelectorError(f"{path}.values: Invalid value: must have one element")
    return FieldRequirement(item.get("key") or "", values[0], word == "In")
