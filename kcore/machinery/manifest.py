"""Manifests: objects as somebody wrote them, with file and line for every complaint.

`load_manifests` reads many documents, YAML or JSON, flattens `List` kinds and skips empty
documents. It refuses repeated keys, documents without `apiVersion` or `kind`, and files without
any object, each with the line and the rule. It knows no kind: fields are checked by the decoder.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from kcore.errors import ManifestError
from kcore.machinery.codec import is_json_text
from kcore.machinery.frozen import FrozenList, FrozenMap, JSONError, freeze, loads
from kcore.machinery.yaml_dialect import YamlError, compose, value_of

_INDEX: Final = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object of a file: `line` is where it starts (from 1; 0 when it came from no text)."""

    object: FrozenMap
    source: str
    line: int = 0
    node: Node | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, obj: Any, source: str = "<object>") -> "Manifest":
        """A manifest of a value; mappings are frozen.

        Raises:
            ManifestError: no mapping, or no `apiVersion` or `kind`.
        """
        value = freeze(obj)
        return cls(_checked(value, source, 0), source)

    def locate(self, path: str) -> int:
        """The line of a field: `spec.template.spec.containers[0].image`. O(depth * width).

        The deepest part of the path that the text has decides; 0 when there is no text. List
        indexes may be missing, as in decoding errors: then the list's line is meant.
        """
        return _locate(self.node, path) if self.node is not None else self.line

    @property
    def lines(self) -> Mapping[str, int]:
        """Every field path with its line. O(size)."""
        return dict(_lines(self.node, "")) if self.node is not None else {}


def load_manifests(text: str, source: str = "<text>") -> list[Manifest]:
    """All objects of `text`, in order. O(size).

    Args:
        text: YAML documents, or JSON.
        source: the file's name, for messages.

    Raises:
        ManifestError: `file:line: what is wrong`.
    """
    if not text.strip():
        raise ManifestError("the file is empty", source=source)
    manifests = [
        manifest
        for node, value in _documents(text.removeprefix("\ufeff"), source)
        for manifest in _objects(node, value, source)
    ]
    if not manifests:
        raise ManifestError("no object: only comments or empty documents", source=source)
    return manifests


def _documents(text: str, source: str) -> Iterator[tuple[Node | None, Any]]:
    if is_json_text(text):
        value = _json(text)
        if value is not None:
            yield _json_node(text, source), value
            return
    try:
        for node in compose(text):
            yield node, value_of(node)
    except YamlError as error:
        raise ManifestError(error.problem, source=source, line=error.line) from None


def _json(text: str) -> Any:
    """The value of a JSON text; None when it is YAML that opens with a brace."""
    try:
        return loads(text)
    except JSONError:
        return None


def _json_node(text: str, source: str) -> Node | None:
    """Lines of a JSON text, and its repeated keys; None where YAML cannot read it (surrogates)."""
    try:
        node = next(compose(text), None)
    except YamlError:
        return None
    try:
        value_of(node)
    except YamlError as error:
        raise ManifestError(error.problem, source=source, line=error.line) from None
    return node


def _objects(node: Node | None, value: Any, source: str) -> Iterator[Manifest]:
    if value is None:
        return
    line = node.start_mark.line + 1 if node is not None else 1
    obj = _checked(value, source, line)
    items = obj.get("items")
    if not obj["kind"].endswith("List") or not isinstance(items, FrozenList):
        yield Manifest(obj, source, line, node)
        return
    item_nodes = _child(node, "items")
    for index, item in enumerate(items):
        item_node = _item(item_nodes, index)
        yield from _objects(item_node, _with_type(item, obj), source)


def _with_type(item: Any, parent: FrozenMap) -> Any:
    """Items of typed lists (`PodList`) may leave out what the list's kind says."""
    kind = parent["kind"].removesuffix("List")
    if not isinstance(item, FrozenMap) or not kind or item.get("kind") is not None:
        return item
    return item.set("kind", kind).set("apiVersion", item.get("apiVersion") or parent["apiVersion"])


def _checked(value: Any, source: str, line: int) -> FrozenMap:
    if not isinstance(value, FrozenMap):
        rule = f"an object must be a mapping, this is {_describe(value)}"
        raise ManifestError(rule, source=source, line=line)
    for name in ("apiVersion", "kind"):
        found = value.get(name)
        subject = str(value.get("kind") or "")
        if found is None or found == "":
            raise ManifestError(
                "required, but missing", source=source, line=line, subject=subject, field=name
            )
        if not isinstance(found, str):
            rule = f"must be a string, this is {_describe(found)}"
            raise ManifestError(rule, source=source, line=line, field=name)
    return value


def _describe(value: Any) -> str:
    if isinstance(value, FrozenList):
        return "a list"
    if isinstance(value, FrozenMap):
        return "a mapping"
    return f"the {type(value).__name__} {value!r}"


def _child(node: Node | None, key: str) -> Node | None:
    if isinstance(node, MappingNode):
        for key_node, value_node in node.value:
            if isinstance(key_node, ScalarNode) and key_node.value == key:
                return value_node  # type: ignore[no-any-return]
    return None


def _item(node: Node | None, index: int) -> Node | None:
    return node.value[index] if isinstance(node, SequenceNode) else None


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _locate(node: Node, path: str) -> int:
    line = _line(node)
    rest = path
    while rest:
        if isinstance(node, SequenceNode):
            found = _INDEX.match(rest)
            if found is None or not found[1].isdecimal() or int(found[1]) >= len(node.value):
                return line
            node, rest = node.value[int(found[1])], rest[found.end() :].removeprefix(".")
            line = _line(node)
            continue
        step = _step(node, rest)
        if step is None:
            return line
        line, node, rest = step
    return line


def _step(node: Node, rest: str) -> tuple[int, Node, str] | None:
    """Follow the longest key of a mapping that opens `rest`; keys may hold dots."""
    if not isinstance(node, MappingNode):
        return None
    best: tuple[int, Node, str] | None = None
    length = -1
    for key_node, value_node in node.value:
        key = str(key_node.value)
        for text in (key, f"[{key}]"):
            after = rest[len(text) : len(text) + 1]
            if rest.startswith(text) and after in ("", ".", "[") and len(text) > length:
                length = len(text)
                best = (_line(key_node), value_node, rest[length:].removeprefix("."))
    return best


def _lines(node: Node, path: str) -> Iterator[tuple[str, int]]:
    if isinstance(node, MappingNode):
        for key_node, value_node in node.value:
            here = f"{path}.{key_node.value}" if path else str(key_node.value)
            yield here, _line(key_node)
            yield from _lines(value_node, here)
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            here = f"{path}[{index}]"
            yield here, _line(item)
            yield from _lines(item, here)
