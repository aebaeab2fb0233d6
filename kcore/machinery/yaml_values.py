"""YAML nodes to the values that Go's parser makes of them, and on to JSON.

`read_values` decodes a node: maps keep their typed keys, `<<` merges where it stands, an anchored
value is decoded once for each alias within Go's bounds. `jsonable` turns keys into texts and
refuses those that have none. Both word their refusals as upstream does.
"""

import math
import struct
from typing import Any, Final

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from kcore.machinery.go_text import float_text, quote, value_text
from kcore.machinery.yaml_nodes import PLAIN_TAG, AliasNode, YamlError, line_of
from kcore.machinery.yaml_scalars import (
    ScalarTagError,
    Uint64,
    resolve,
    resolve_plain,
    short_tag,
)

_MERGE_KEY: Final = "<<"
_MERGE_TAG: Final = "!!merge"
_WANTS_MAPS: Final = "map merge requires map or sequence of maps as the value"
# Go's parser refuses documents that consist of aliases for the most part.
_ALIAS_COUNT_MIN: Final = 100
_NODE_COUNT_MIN: Final = 1000
_RATIO_FALLS_FROM: Final = 400_000
_RATIO_FALLS_TO: Final = 4_000_000


def read_values(node: Node | None, *, strict: bool = False) -> Any:
    """The value of a node, with typed keys. O(size), aliases counted as often as they are used.

    Raises:
        YamlError: a tag, key or alias that Go refuses, or with `strict` a repeated key.
    """
    if node is None:
        return None
    decoder = _Decoder(strict)
    try:
        value = decoder.value(node)
    except RecursionError:
        raise refusal("nested too deep", node) from None
    if decoder.repeated:
        first_line, first = decoder.repeated[0]
        lines = "".join(f"\n  line {line}: {problem}" for line, problem in decoder.repeated)
        raise YamlError(first, first_line, f"yaml: unmarshal errors:{lines}")
    return value


def refusal(problem: str, node: Node) -> YamlError:
    """A refusal whose message names no line upstream."""
    return YamlError(problem, line_of(node), f"yaml: {problem}")


class Mapping(dict[Any, Any]):
    """A map whose keys are told apart by type, as Go does: 1, 1.0 and true are three keys."""

    __slots__ = ()


def _typed(key: Any) -> tuple[str, Any]:
    return (type(key).__name__, key)


class _Decoder:
    """One decoding: what repeats, and how much of it is aliases."""

    __slots__ = ("_alias_count", "_alias_depth", "_node_count", "_open", "_strict", "repeated")

    def __init__(self, strict: bool) -> None:
        self._strict = strict
        self._open: set[int] = set()
        self._alias_depth = 0
        self._alias_count = 0
        self._node_count = 0
        self.repeated: list[tuple[int, str]] = []

    def value(self, node: Node) -> Any:
        self._count(node)
        if isinstance(node, AliasNode):
            return self._alias(node)
        if isinstance(node, ScalarNode):
            return scalar_value(node)
        if isinstance(node, SequenceNode):
            return [self.value(item) for item in node.value]
        result = Mapping()
        if isinstance(node, MappingNode):
            self._members(node, result)
        return result

    def _count(self, node: Node) -> None:
        self._node_count += 1
        if not self._alias_depth:
            return
        self._alias_count += 1
        if self._alias_count <= _ALIAS_COUNT_MIN or self._node_count <= _NODE_COUNT_MIN:
            return
        if self._alias_count / self._node_count > _alias_ratio_max(self._node_count):
            raise refusal("document contains excessive aliasing", node)

    def _alias(self, node: AliasNode) -> Any:
        target = node.value
        if id(node) in self._open:
            raise refusal(f"anchor '{node.anchor}' value contains itself", node)
        self._open.add(id(node))
        self._alias_depth += 1
        value = self.value(target)
        self._alias_depth -= 1
        self._open.discard(id(node))
        return value

    def _members(self, node: MappingNode, result: Mapping) -> None:
        for key_node, value_node in node.value:
            if _is_merge(key_node):
                self._merge(value_node, result)
                continue
            key = self.value(key_node)
            if isinstance(key, Mapping | list):
                raise refusal(f"invalid map key: {go_syntax(key)}", key_node)
            value = self.value(value_node)
            if self._strict and _typed(key) in result:
                problem = f"key {go_syntax(key)} already set in map"
                self.repeated.append((line_of(value_node), problem))
                continue
            result[_typed(key)] = value

    def _merge(self, node: Node, result: Mapping) -> None:
        """Members of other maps, over those that stand before; of several maps the first wins."""
        if isinstance(node, SequenceNode):
            for item in reversed(node.value):
                self._merge_map(item, node, result)
        else:
            self._merge_map(node, node, result)

    def _merge_map(self, source: Node, where: Node, result: Mapping) -> None:
        target = source.value if isinstance(source, AliasNode) else source
        if not isinstance(target, MappingNode):
            raise refusal(_WANTS_MAPS, where)
        self._count(source)
        if isinstance(source, AliasNode):
            if id(source) in self._open:
                raise refusal(f"anchor '{source.anchor}' value contains itself", source)
            self._open.add(id(source))
            self._alias_depth += 1
            self._members(target, result)
            self._alias_depth -= 1
            self._open.discard(id(source))
        else:
            self._members(target, result)


def _alias_ratio_max(node_count: int) -> float:
    if node_count <= _RATIO_FALLS_FROM:
        return 0.99
    if node_count >= _RATIO_FALLS_TO:
        return 0.10
    fallen = (node_count - _RATIO_FALLS_FROM) / (_RATIO_FALLS_TO - _RATIO_FALLS_FROM)
    return 0.99 - 0.89 * fallen


def _is_merge(node: Node) -> bool:
    if not isinstance(node, ScalarNode) or node.value != _MERGE_KEY:
        return False
    return node.tag == PLAIN_TAG or short_tag(node.tag) == _MERGE_TAG


def scalar_value(node: ScalarNode) -> Any:
    """The value of a scalar node.

    Raises:
        YamlError: it is not what its tag says.
    """
    if node.tag == PLAIN_TAG:
        return resolve_plain(node.value)
    try:
        return resolve(short_tag(node.tag), node.value)
    except ScalarTagError as error:
        raise refusal(str(error), node) from None


# --- to JSON -------------------------------------------------------------------------------


def jsonable(value: Any) -> Any:
    """Plain values with text keys.

    Raises:
        YamlError: a key that upstream has no text for.
    """
    if isinstance(value, Mapping):
        return {key_text(key, item): jsonable(item) for (_type, key), item in value.items()}
    if isinstance(value, list):
        return [jsonable(item) for item in value]
    return value


def key_text(key: Any, value: Any) -> str:
    """The text that a key becomes in JSON."""
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, float):
        return _short_float(key)
    if key is None or isinstance(key, Uint64):
        sort = "%!s(<nil>)" if key is None else "uint64"
        shown = f"key: {go_syntax(key, outermost=True)}, value: {go_syntax(value, outermost=True)}"
        problem = f"unsupported map key of type: {sort}, {shown}"
        raise YamlError(problem, 0, problem)
    return str(key)


def _short_float(number: float) -> str:
    """A float as Go writes one of 32 bits, in its shortest form."""
    if math.isnan(number):
        return ".nan"
    try:
        narrow = struct.unpack("f", struct.pack("f", number))[0]
    except OverflowError:
        return ".inf" if number > 0 else "-.inf"
    if narrow in (float("inf"), float("-inf")):
        return ".inf" if narrow > 0 else "-.inf"
    for digits in range(1, 10):
        text = f"{narrow:.{digits}g}"
        if struct.pack("f", float(text)) == struct.pack("f", narrow):
            return float_text(float(text)) if float(text) else ("-0" if "-" in text else "0")
    return float_text(narrow)


def go_syntax(value: Any, *, outermost: bool = False) -> str:
    """A value as Go's `%#v` shows it."""
    if value is None:
        return "<nil>" if outermost else "interface {}(nil)"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, list):
        return f"[]interface {{}}{{{', '.join(map(go_syntax, value))}}}"
    if isinstance(value, Mapping):
        items = sorted(value.items(), key=lambda item: _go_order(item[0][1]))
        shown = ", ".join(f"{go_syntax(key)}:{go_syntax(item)}" for (_type, key), item in items)
        return f"map[interface {{}}]interface {{}}{{{shown}}}"
    return f"{value:#x}" if isinstance(value, Uint64) else value_text(value)


def _go_order(key: Any) -> tuple[int, Any]:
    """Keys of one map in the order in which Go prints them: by type, then by value."""
    if key is None:
        return (0, 0)
    if isinstance(key, bool | int | float):
        return (1, key)
    return (2, key)
