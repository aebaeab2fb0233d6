"""YAML documents as nodes with marks: libyaml scans, Go's parser words the refusals.

`compose` yields the documents of a text. Aliases stay in place (`AliasNode`), because Go decodes an
anchored value once for each of them. Refuses to know what a value means.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

PLAIN_TAG: Final = "?"
_TAG: Final = "tag:yaml.org,2002:"
_ALIAS: Final = re.compile(r"\*([0-9A-Za-z_-]*)")
_CParser: Final = yaml.CSafeLoader.__mro__[1]  # libyaml's parser, without a resolver of its own


@dataclass(eq=False)
class YamlError(ValueError):
    """Text that is no YAML, or YAML that is no JSON value.

    Attributes:
        problem: what is wrong, for people.
        line: where it is, from 1; 0 is unknown.
        upstream: the message as upstream words it; built of the other two when empty.
    """

    problem: str
    line: int = 0
    upstream: str = ""

    def __str__(self) -> str:
        if self.upstream:
            return self.upstream
        return f"yaml: line {self.line}: {self.problem}" if self.line else f"yaml: {self.problem}"


class AliasNode(Node):
    """The place where an anchored value is meant again."""

    id = "alias"

    def __init__(self, anchor: str, target: Node, start_mark: Any, end_mark: Any) -> None:
        super().__init__(PLAIN_TAG, target, start_mark, end_mark)
        self.anchor = anchor


class _Composer(_CParser):  # type: ignore[misc, valid-type]
    """libyaml's composer, marking plain untagged scalars so that others resolve them."""

    def resolve(self, kind: type, _value: Any, implicit: Any) -> str:
        if kind is ScalarNode:
            return PLAIN_TAG if implicit[0] else _TAG + "str"
        return _TAG + ("map" if kind is MappingNode else "seq")

    def descend_resolver(self, _parent: Any, _index: Any) -> None:
        """Nothing: scalars resolve without their path."""

    def ascend_resolver(self) -> None:
        """Nothing: scalars resolve without their path."""


def _undefined_alias(error: yaml.MarkedYAMLError, text: str) -> str:
    """Libyaml's composer leaves out the name that Go's message has."""
    mark = error.problem_mark
    rest = text.splitlines()[mark.line][mark.column :] if mark else ""
    found = _ALIAS.match(rest)
    return f"unknown anchor '{found[1] if found else ''}' referenced"


def line_of(node: Node | None) -> int:
    """The line of a node, from 1; 0 for none."""
    return node.start_mark.line + 1 if node is not None else 0


def compose(text: str) -> Iterator[Node | None]:
    """The documents of `text` as nodes with marks; None for an empty document.

    Raises:
        YamlError: not YAML.
    """
    try:
        yield from _documents(text)
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise yaml_error(error, text) from None


def _documents(text: str) -> Iterator[Node | None]:
    has_aliases = "&" in text and "*" in text
    parser = _EventComposer(text) if has_aliases else _Composer(text)
    while parser.check_node():
        node = parser.get_node()
        empty = isinstance(node, ScalarNode) and node.tag == PLAIN_TAG and not node.value
        yield None if empty else node


class _EventComposer:
    """Builds documents out of parser events, aliases as `AliasNode`s. Same use as `_Composer`."""

    def __init__(self, text: str) -> None:
        self._parser = _CParser(text)
        self._anchors: dict[str, Node] = {}
        self._parser.get_event()  # The stream's start.

    def check_node(self) -> bool:
        """Whether there is another document."""
        return bool(self._parser.check_event(yaml.DocumentStartEvent))

    def get_node(self) -> Node:
        """The next document."""
        self._anchors = {}
        self._parser.get_event()
        node = self._node()
        self._parser.get_event()  # The document's end, where trailing text is refused.
        return node

    def _node(self) -> Node:
        event: Any = self._parser.get_event()
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event)
        return self._mapping(event)

    def _alias(self, event: Any) -> Node:
        target = self._anchors.get(event.anchor)
        if target is None:
            problem = f"unknown anchor '{event.anchor}' referenced"
            raise YamlError(problem, event.start_mark.line + 1, f"yaml: {problem}")
        return AliasNode(event.anchor, target, event.start_mark, event.end_mark)

    def _scalar(self, event: Any) -> Node:
        tag = event.tag
        if tag is None or tag == "!":
            tag = PLAIN_TAG if event.implicit[0] else _TAG + "str"
        return self._anchored(event, ScalarNode(tag, event.value, event.start_mark, event.end_mark))

    def _sequence(self, event: Any) -> Node:
        node = SequenceNode(event.tag or _TAG + "seq", [], event.start_mark, event.end_mark)
        self._anchored(event, node)
        while not self._parser.check_event(yaml.SequenceEndEvent):
            node.value.append(self._node())
        self._parser.get_event()
        return node

    def _mapping(self, event: Any) -> Node:
        node = MappingNode(event.tag or _TAG + "map", [], event.start_mark, event.end_mark)
        self._anchored(event, node)
        while not self._parser.check_event(yaml.MappingEndEvent):
            key = self._node()
            node.value.append((key, self._node()))
        self._parser.get_event()
        return node

    def _anchored(self, event: Any, node: Node) -> Node:
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node


# --- refusals ------------------------------------------------------------------------------


def yaml_error(error: Exception, text: str) -> YamlError:
    """The complaint of libyaml with the line for people and the message that Go's parser has."""
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        problem = error.problem or "malformed YAML"
        if isinstance(error, yaml.composer.ComposerError):
            problem = _undefined_alias(error, text)
            return YamlError(problem, line, f"yaml: {problem}")
        return YamlError(_explained(text, problem, line), line, _upstream(error, problem))
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        problem = "control characters are not allowed"
        return YamlError(problem, line, f"yaml: {problem}")
    start = error.start if isinstance(error, UnicodeEncodeError) else 0
    return YamlError("half of a surrogate pair is no character", text.count("\n", 0, start) + 1)


def _upstream(error: yaml.MarkedYAMLError, problem: str) -> str:
    """Go counts lines from 0 in all messages but the scanner's, and never names the first."""
    line = error.problem_mark.line if error.problem_mark else 0
    if line:
        line += isinstance(error, yaml.scanner.ScannerError)
    elif error.context_mark:
        line = error.context_mark.line
    return f"yaml: line {line}: {problem}" if line else f"yaml: {problem}"


def _explained(text: str, problem: str, line: int) -> str:
    lines = text.splitlines()
    if 0 < line <= len(lines) and lines[line - 1].lstrip(" ").startswith("\t"):
        return f"{problem} (a tab indents this line; YAML takes spaces only)"
    return problem
