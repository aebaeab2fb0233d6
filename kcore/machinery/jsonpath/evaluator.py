"""Applying a template to a JSON value.

Every node maps the list of values that came in to the list that goes out. `range` runs the nodes up
to its `end` once for each value; upstream keeps the loop's state in counters, which decide what an
unbalanced `range` or `end` does, so the same counters are kept here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from kcore.machinery.jsonpath.nodes import (
    Descent,
    Field,
    Filter,
    Identifier,
    Literal,
    Sequence,
    Slice,
    Union,
    Wildcard,
)
from kcore.machinery.jsonpath.parser import JsonPathError, parse_template
from kcore.machinery.jsonpath.values import (
    NO_VALUE,
    compare,
    indented,
    is_list,
    is_map,
    members,
    printed,
    result_text,
    type_name,
)

Values = list[Any]


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A parsed template."""

    nodes: tuple[Any, ...]

    @classmethod
    def parse(cls, template: str) -> "JsonPath":
        """Read a template.

        Raises:
            JsonPathError: it is wrong.
        """
        return cls(parse_template(template))

    def find(self, data: Any, *, allow_missing_keys: bool = False) -> list[Values]:
        """The results, one list for each piece of text or action that was passed.

        Raises:
            JsonPathError: the template does not fit the data.
        """
        return _Evaluation(self.nodes, allow_missing_keys).results([data], 0)

    def render(
        self, data: Any, *, allow_missing_keys: bool = False, json_output: bool = False
    ) -> str:
        """The template's text for `data`; with `json_output` each list of results as JSON.

        Raises:
            JsonPathError: the template does not fit the data.
        """
        found = self.find(data, allow_missing_keys=allow_missing_keys)
        if json_output:
            return "".join(f"{indented(values)}\n" for values in found)
        return "".join(" ".join(map(result_text, values)) for values in found)


class _Evaluation:
    """One run of a template."""

    def __init__(self, nodes: tuple[Any, ...], allow_missing_keys: bool) -> None:
        self._nodes = nodes
        self._allow_missing_keys = allow_missing_keys
        self._begun = 0
        self._inside = 0
        self._ended = 0
        self._last_end = -1

    def results(self, current: Values, start: int) -> list[Values]:
        found: list[Values] = []
        position = start
        while position < len(self._nodes):
            values = self._walk(current, self._nodes[position])
            if 0 < self._ended <= self._inside:
                self._ended -= 1
                self._last_end = position
                break
            if self._begun > 0:
                self._begun -= 1
                found.extend(self._loop(values, position + 1))
                # Go on after the end that was met last, if it lies ahead.
                position = max(position, self._last_end)
            else:
                found.append(values)
            position += 1
        return found

    def _loop(self, values: Values, start: int) -> list[Values]:
        self._inside += 1
        found: list[Values] = []
        for value in values:
            found.extend(self.results([NO_VALUE if value is None else value], start))
        if not values:
            # Nothing to loop over: the nodes are passed all the same, to find the end.
            self.results([NO_VALUE], start)
        self._inside -= 1
        return found

    def _walk(self, values: Values, node: Any) -> Values:
        return _WALKERS[type(node)](self, values, node)

    def sequence(self, values: Values, node: Sequence) -> Values:
        for one in node.nodes:
            values = self._walk(values, one)
        return values

    def literal(self, values: Values, node: Literal) -> Values:
        return [node.value] * len(values) if node.per_input else [node.value]

    def identifier(self, values: Values, node: Identifier) -> Values:
        if node.name == "range":
            self._begun += 1
            return values
        if node.name != "end":
            raise JsonPathError(f"unrecognized identifier {node.name}")
        if self._inside == 0:
            raise JsonPathError("not in range, nothing to end")
        self._ended += 1
        return []

    def field(self, values: Values, node: Field) -> Values:
        found = [value[node.name] for value in values if is_map(value) and node.name in value]
        if values and not found and not self._allow_missing_keys:
            raise JsonPathError(f"{node.name} is not found")
        return found

    def wildcard(self, values: Values, _node: Wildcard) -> Values:
        return [member for value in values for member in members(value)]

    def descent(self, values: Values, node: Descent) -> Values:
        found: Values = []
        for value in values:
            inside = members(value)
            if inside:
                found.append(value)
                found.extend(self.descent(inside, node))
        return found

    def union(self, values: Values, node: Union) -> Values:
        return [value for member in node.members for value in self.sequence(values, member)]

    def slice(self, values: Values, node: Slice) -> Values:
        found: Values = []
        for value in values:
            if value is None:
                continue
            if not is_list(value):
                raise JsonPathError(f"{type_name(value)} is not array or slice")
            selected = _selected(value, node)
            if selected is None:
                # Upstream gives up here, with what it has.
                return found
            found.extend(selected)
        return found

    def filter(self, values: Values, node: Filter) -> Values:
        found: Values = []
        for value in values:
            if not is_list(value):
                message = f"{printed(value)} is not array or slice and cannot be filtered"
                raise JsonPathError(message)
            found.extend(member for member in value if self._passes(member, node))
        return found

    def _passes(self, member: Any, node: Filter) -> bool:
        if node.operator == "exists":
            try:
                return bool(self.sequence([member], node.left))
            except JsonPathError:
                # What cannot be found does not exist.
                return False
        left = self._operand(member, node.left)
        if not left:
            return False
        right = self._operand(member, node.right)
        return bool(right) and compare(node.operator, left[0], right[0])

    def _operand(self, member: Any, side: Sequence) -> Values:
        found = self.sequence([member], side)
        if len(found) > 1:
            raise JsonPathError("can only compare one element at a time")
        return found


def _selected(value: Any, node: Slice) -> Values | None:
    """The elements a slice selects; None for an empty span."""
    length = len(value)
    start = node.start.value if node.start.known else 0
    start += length if start < 0 else 0
    end = node.end.value if node.end.known else length
    if end < 0 or (end == 0 and node.end.derived):
        end += length
    if start == end:
        return None
    bad = next((one for one in (start, end - 1) if not 0 <= one < length), None)
    if bad == start or (bad is not None and not 0 <= end <= length):
        message = f"array index out of bounds: index {bad}, length {length}"
        raise JsonPathError(message)
    if start > end:
        raise JsonPathError(f"starting index {start} is greater than ending index {end}")
    if node.step.known and node.step.value <= 0:
        raise JsonPathError("step must be > 0")
    return list(value)[start : end : node.step.value if node.step.known else 1]


_WALKERS: Final[dict[type, Callable[..., Values]]] = {
    Sequence: _Evaluation.sequence,
    Literal: _Evaluation.literal,
    Identifier: _Evaluation.identifier,
    Field: _Evaluation.field,
    Wildcard: _Evaluation.wildcard,
    Descent: _Evaluation.descent,
    Union: _Evaluation.union,
    Slice: _Evaluation.slice,
    Filter: _Evaluation.filter,
}
