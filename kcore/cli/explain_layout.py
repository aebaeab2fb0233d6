"""How `kcore explain` shows the fields of a kind: kubectl's plain layout, line by line.

Built-in kinds have no descriptions here, so the paragraphs that would hold them are left out and
fields stand on one line each; kinds whose author describes them look exactly as in kubectl.
"""

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from kcore.api.field_facts import FieldFact, Fields
from kcore.errors import ManifestError
from kcore.machinery.resource import GroupVersionKind

_WIDTH: Final = 76
_INDENT: Final = "  "


class NoSuchFieldError(ManifestError):
    """A path that leads nowhere; `head` is what kubectl prints before it says so."""

    def __init__(self, name: str, head: str) -> None:
        super().__init__(f'field "{name}" does not exist')
        self.head = head


def head_text(gvk: GroupVersionKind) -> str:
    """Group, kind and version, and a blank line."""
    group = f"GROUP:      {gvk.group}\n" if gvk.group else ""
    return f"{group}KIND:       {gvk.kind}\nVERSION:    {gvk.version}\n\n"


def explained(
    gvk: GroupVersionKind, root: Fields, path: Sequence[str] = (), *, recursive: bool = False
) -> str:
    """The text for a kind, or for the field at `path` in it. O(fields shown).

    Raises:
        NoSuchFieldError: no field is at `path`.
    """
    head = head_text(gvk)
    fact, fields = _found(root, path, head)
    description = root.description if fact is None else fact.description
    parts = [head]
    if fact is not None:
        parts.append(_field_text(fact, is_described=description is not None))
    if description is not None:
        parts.append(f"DESCRIPTION:\n{_paragraph(description or '<empty>', 4)}    \n")
    if fields is not None and fields.fields:
        parts.append("FIELDS:\n")
        parts.extend(_fields(fields, 1, recursive, ()))
    text = "".join(parts)
    return text + "\n" if description is not None else text.rstrip("\n") + "\n"


def _found(root: Fields, path: Sequence[str], head: str) -> tuple[FieldFact | None, Fields | None]:
    """The field at a path, and the fields below it."""
    fact: FieldFact | None = None
    fields: Fields | None = root
    for name in path:
        fact = None if fields is None else fields.fields.get(name)
        if fact is None:
            raise NoSuchFieldError(name, head)
        fields = fact.inside
    return fact, fields


def _field_text(fact: FieldFact, *, is_described: bool) -> str:
    text = f"FIELD: {fact.name} <{fact.type}>\n"
    if not fact.enum:
        return text + ("\n\n" if is_described else "\n")
    return text + "ENUM:\n" + "".join(f"    {name}\n" for name in fact.enum) + "\n"


def _fields(
    fields: Fields, level: int, recursive: bool, above: tuple[Fields, ...]
) -> Iterator[str]:
    """The lines of each field; below it, if wanted, those of its own fields.

    A schema inside itself (that of JSON schemas) is not entered again.
    """
    indent = _INDENT * level
    for fact in fields.fields.values():
        yield f"{indent}{fact.name}\t<{fact.type}>{' -required-' if fact.is_required else ''}\n"
        if fact.enum:
            yield f"{indent}enum: {', '.join(fact.enum)}\n"
        if recursive:
            if fact.inside is not None and fact.inside not in above:
                yield from _fields(fact.inside, level + 1, recursive, (*above, fact.inside))
        elif fact.description is not None:
            yield _paragraph(fact.description or "<no description>", 2 * level + 2) + "\n"


def _paragraph(text: str, indent: int) -> str:
    """`text` wrapped and indented; its own lines stay apart."""
    lines = [
        line
        for paragraph in text.splitlines()
        for line in textwrap.wrap(paragraph, _WIDTH, break_long_words=False, break_on_hyphens=False)
        or [""]
    ]
    return "".join(f"{' ' * indent}{line}\n" for line in lines)
