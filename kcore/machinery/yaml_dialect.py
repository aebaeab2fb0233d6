"""YAML as Kubernetes reads it: YAML 1.1 in the dialect of Go's parser.

`yes`, `on` and `y` are true (also as keys), `0777` is 511, `1_000` is 1000, `1e3` is 1000, dates
and `12:30:00` stay strings, `<<` merges, keys become strings. libyaml scans; this module resolves
scalars and builds values. Nodes keep their line, so a problem can be pointed at.

Refuses to know what an object is: see `manifest`.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from kcore.machinery.frozen import freeze

_CParser: Final = yaml.CSafeLoader.__mro__[1]  # libyaml's parser, without a resolver of its own

_PLAIN: Final = "?"
_TAG: Final = "tag:yaml.org,2002:"
_MERGE_KEY: Final = "<<"
_TRUE: Final = ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE")
_FALSE: Final = ("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE")
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(_TRUE, True),
    **dict.fromkeys(_FALSE, False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_INT: Final = re.compile(r"[-+]?(0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|0|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
# No float has more digits before its point.
_INTEGER_LENGTH_MAX: Final = 309
_NOT_FINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(eq=False)
class YamlError(ValueError):
    """Text that is no YAML, or YAML that is no JSON value. `line` counts from 1; 0 is unknown."""

    problem: str
    line: int = 0

    def __str__(self) -> str:
        return f"yaml: line {self.line}: {self.problem}" if self.line else f"yaml: {self.problem}"


class _Composer(_CParser):  # type: ignore[misc, valid-type]
    """libyaml's composer, marking plain untagged scalars so that this module resolves them."""

    def resolve(self, kind: type, _value: Any, implicit: Any) -> str:
        if kind is ScalarNode:
            return _PLAIN if implicit[0] else _TAG + "str"
        return _TAG + ("map" if kind is MappingNode else "seq")

    def descend_resolver(self, _parent: Any, _index: Any) -> None:
        """Nothing: scalars resolve without their path."""

    def ascend_resolver(self) -> None:
        """Nothing: scalars resolve without their path."""


def compose(text: str) -> Iterator[Node | None]:
    """The documents of `text` as nodes with marks; None for an empty document.

    Raises:
        YamlError: not YAML.
    """
    try:
        parser = _Composer(text)
        while parser.check_node():
            node = parser.get_node()
            empty = isinstance(node, ScalarNode) and node.tag == _PLAIN and not node.value
            yield None if empty else node
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        raise YamlError(_explain(text, error.problem or "malformed YAML", line), line) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlError("control characters are not allowed", line) from None
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise YamlError("half of a surrogate pair is no character", line) from None


def _explain(text: str, problem: str, line: int) -> str:
    lines = text.splitlines()
    if 0 < line <= len(lines) and lines[line - 1].lstrip(" ").startswith("\t"):
        return f"{problem} (a tab indents this line; YAML takes spaces only)"
    return problem


def value_of(node: Node | None, *, strict: bool = True) -> Any:
    """The frozen value of a node. O(size).

    Args:
        node: from `compose`.
        strict: refuse repeated keys; otherwise the last one wins.

    Raises:
        YamlError: a key, tag or number that has no JSON form, or a repeated key.
    """
    try:
        return freeze(_Builder(strict).build(node))
    except RecursionError:
        raise YamlError("nested too deep", _line(node)) from None
    except (TypeError, ValueError) as error:
        if isinstance(error, YamlError):
            raise
        raise YamlError(str(error), _line(node)) from None


def _line(node: Node | None) -> int:
    return node.start_mark.line + 1 if node is not None else 0


class _Builder:
    """Turns nodes into plain values; anchored nodes are built once."""

    def __init__(self, strict: bool) -> None:
        self._strict = strict
        self._built: dict[int, Any] = {}
        self._open: set[int] = set()

    def build(self, node: Node | None) -> Any:
        if node is None:
            return None
        if isinstance(node, ScalarNode):
            return scalar(node)
        identity = id(node)
        if identity in self._open:
            raise YamlError("an anchor's value contains itself", _line(node))
        if identity not in self._built:
            self._open.add(identity)
            self._built[identity] = self._collection(node)
            self._open.discard(identity)
        return self._built[identity]

    def _collection(self, node: Node) -> Any:
        if isinstance(node, SequenceNode):
            return [self.build(item) for item in node.value]
        result: dict[str, Any] = {}
        merges: list[Node] = []
        for key_node, value_node in node.value:
            if key_node.tag == _PLAIN and key_node.value == _MERGE_KEY:
                merges.append(value_node)
                continue
            key = _key(key_node)
            if key in result and self._strict:
                raise YamlError(f'key "{key}" already set in map', _line(key_node))
            result[key] = self.build(value_node)
        for merge in merges:
            self._merge(result, merge)
        return result

    def _merge(self, result: dict[str, Any], node: Node) -> None:
        """Keys of the merged maps that are not there yet; the first map named wins."""
        sources = node.value if isinstance(node, SequenceNode) else [node]
        for source in sources:
            if not isinstance(source, MappingNode):
                problem = "map merge requires map or sequence of maps as the value"
                raise YamlError(problem, _line(node))
            for key, value in self.build(source).items():
                result.setdefault(key, value)


def _key(node: Node) -> str:
    if not isinstance(node, ScalarNode):
        raise YamlError("a map key must be a scalar", _line(node))
    key = scalar(node)
    if isinstance(key, bool):
        return "true" if key else "false"
    if key is None:
        raise YamlError("null cannot be a map key", _line(node))
    if isinstance(key, float):
        return str(int(key)) if key == int(key) and abs(key) < 1e21 else f"{key!r}"
    return str(key)


def scalar(node: ScalarNode) -> Any:
    """The value of a scalar node."""
    tag = node.tag
    if tag == _PLAIN:
        return _checked(resolve_plain(node.value), node)
    if not tag.startswith(_TAG):
        return node.value
    kind = tag[len(_TAG) :]
    if kind == "binary":
        return _binary(node)
    if kind not in ("int", "float", "bool", "null"):
        return node.value
    value = _checked(resolve_plain(node.value), node)
    if _has_kind(value, kind):
        return value
    raise YamlError(f"cannot decode !!str `{node.value}` as a !!{kind}", _line(node))


def _has_kind(value: Any, kind: str) -> bool:
    if kind in ("null", "bool"):
        return value is None if kind == "null" else isinstance(value, bool)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _binary(node: ScalarNode) -> str:
    try:
        return base64.b64decode(node.value).decode()
    except ValueError:
        raise YamlError("!!binary value contains invalid base64 data", _line(node)) from None


def _checked(value: Any, node: ScalarNode) -> Any:
    if isinstance(value, float) and value - value != 0.0:
        raise YamlError(f"unsupported value: {node.value}", _line(node))
    return value


def resolve_plain(text: str) -> Any:
    """What an unquoted scalar means: null, bool, int, float or the text itself.

    Integers outside int64 become floats; floats without fraction become ints, as they do on
    their way through JSON. `.inf` and `.nan` stay floats for the caller to refuse.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    digits = text.replace("_", "")
    if text[0] != "." and _INT.fullmatch(digits):
        return _integer(digits, text)
    if _FLOAT.fullmatch(digits):
        number = float(digits)
        if number - number != 0:  # Beyond any float: Go's parser leaves the text.
            return text
        return int(number) if _fits(number) else number
    return float(text.replace(".", "")) if _NOT_FINITE.fullmatch(text) else text


def _fits(number: float) -> bool:
    return number == int(number) and -(2.0**63) <= number < 2.0**63


def _integer(digits: str, text: str) -> int | float | str:
    """An int64; a larger decimal as float; a larger number in another base stays text."""
    sign, body = (-1, digits[1:]) if digits[0] == "-" else (1, digits.lstrip("+"))
    if len(body) > _INTEGER_LENGTH_MAX:
        return text
    prefix = body[:2].lower()
    if prefix in ("0x", "0b", "0o"):
        number = sign * int(body[2:], {"0x": 16, "0b": 2, "0o": 8}[prefix])
    else:
        number = sign * int(body, 8 if len(body) > 1 and body[0] == "0" else 10)
    if -(2**63) <= number < 2**63:
        return number
    if number >= 2**64 and body[0] == "0":
        return text
    try:
        return float(number)
    except OverflowError:  # Beyond any float: Go's parser leaves the text.
        return text
