"""Builds the text of a long form: aligned fields, indented blocks, outlines of values."""

from typing import Any, Final

from kcore.machinery.frozen import FrozenList, FrozenMap

FIELD_WIDTH: Final = 18
INDENT: Final = "  "


class Sections:
    """Collects lines in order; knows the time that ages are counted to."""

    __slots__ = ("_lines", "now_ns")

    def __init__(self, now_ns: int) -> None:
        self._lines: list[str] = []
        self.now_ns = now_ns

    def field(self, title: str, value: object, depth: int = 0) -> None:
        """Add `Title:   value`."""
        label = f"{INDENT * depth}{title}:"
        self._lines.append(f"{label.ljust(FIELD_WIDTH)} {value}".rstrip())

    def heading(self, title: str, depth: int = 0) -> None:
        """Add a title whose content follows on indented lines."""
        self._lines.append(f"{INDENT * depth}{title}:")

    def block(self, title: str, text: str) -> None:
        """Add a title and, below it, a table or other finished text, indented."""
        self.heading(title)
        self._lines.extend(f"{INDENT}{line}".rstrip() for line in text.splitlines())

    def outline(self, title: str, value: Any, depth: int = 0) -> None:
        """Add any value: maps and lists as indented lines, the rest as one field."""
        if isinstance(value, FrozenMap) and len(value):
            self.heading(title, depth)
            for key in sorted(value):
                self.outline(key, value[key], depth + 1)
        elif isinstance(value, FrozenList) and len(value):
            self.heading(title, depth)
            for item in value:
                self.outline("-", item, depth + 1)
        else:
            self.field(title, "" if value is None else value, depth)

    def text(self) -> str:
        """Everything so far."""
        return "\n".join(self._lines)
