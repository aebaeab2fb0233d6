"""YAML as Kubernetes reads it: YAML 1.1 in the dialect of Go's parser, on its way to JSON.

`yes`, `on` and `y` are true (also as keys), `0777` is 511, `1_000` is 1000, `1e3` is 1000, dates
and `12:30:00` stay strings, `<<` merges, keys become strings. `yaml_to_json` gives the JSON text
that upstream makes, `value_of` the value of one node. Scanning is `yaml_nodes`, scalars are
`yaml_scalars`, maps and aliases `yaml_values`.

Refuses to know what an object is: see `manifest`.
"""

from typing import Any

from yaml import CollectionNode, MappingNode, Node

from kcore.machinery.frozen import freeze
from kcore.machinery.go_text import float_text, marshalled
from kcore.machinery.yaml_edition import refuse_newer
from kcore.machinery.yaml_nodes import YamlError, compose, line_of
from kcore.machinery.yaml_scalars import Uint64, resolve_plain
from kcore.machinery.yaml_values import jsonable, read_values

__all__ = ["YamlError", "compose", "resolve_plain", "value_of", "yaml_to_json"]


def yaml_to_json(text: str, *, strict: bool = False) -> str:
    """The JSON text of the first document of `text`: keys sorted, numbers in Go's form. O(size).

    Raises:
        YamlError: not YAML, or no JSON value; with `strict` also repeated keys. Its text is
            upstream's.
    """
    value = jsonable(read_values(first_node(text), strict=strict))
    try:
        return marshalled(value)
    except OverflowError as error:
        problem = str(error)
        raise YamlError(problem.removeprefix("json: "), 0, problem) from None


def first_node(text: str) -> Node | None:
    """The document that Go's parser reads: the first, whatever comes after it.

    Raises:
        YamlError: not YAML.
    """
    refuse_newer(text)
    node = next(compose(text), None)
    return _first_key(node, text) or node


def _first_key(node: Node | None, text: str) -> Node | None:
    """The whole document, where Go's scanner overlooks that it is only the key of a map.

    It forgets that a bracket may begin a key while nothing inside could begin one.
    """
    if not isinstance(node, MappingNode) or node.flow_style or not node.value:
        return None
    key: Node = node.value[0][0]
    start = key.start_mark.index
    if start != node.start_mark.index or not isinstance(key, CollectionNode):
        return None
    inside = text[start + 1 :].lstrip()
    return key if not key.value or inside.startswith("?") else None


def value_of(node: Node | None, *, strict: bool = True) -> Any:
    """The frozen value of a node. O(size).

    Args:
        node: from `compose`.
        strict: refuse repeated keys; otherwise the last one wins.

    Raises:
        YamlError: a key, tag or number that has no JSON form, or a repeated key.
    """
    if node is None:
        return None
    try:
        return freeze(_narrowed(jsonable(read_values(node, strict=strict))))
    except YamlError as error:
        if not error.line:
            error.line = line_of(node)
        raise
    except (RecursionError, TypeError, ValueError) as error:
        raise YamlError(str(error), line_of(node)) from None


def _narrowed(value: Any) -> Any:
    """Numbers as they are after a journey through JSON: whole ones of 64 bits are integers."""
    if isinstance(value, dict):
        return {key: _narrowed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_narrowed(item) for item in value]
    if isinstance(value, Uint64):
        return float(value) if value >= 2**63 else int(value)
    if isinstance(value, float):
        return _narrow_float(value)
    return value


def _narrow_float(number: float) -> int | float:
    if number - number != 0:
        raise YamlError(f"unsupported value: {float_text(number)}")
    is_whole = number == int(number) and -(2.0**63) <= number < 2.0**63
    return int(number) if is_whole else number
