"""An object as JSON or YAML text to a decoded object, as upstream's serializers read it.

`read_object` finds out what the text claims to be (`read_type_meta`), decodes it along the Go type
of that kind and returns the object as upstream would write it back, with the problems that strict
decoding refuses. Refusals (`ObjectTextError`) have upstream's words and say of which sort they are.
Defaults and conversion come later and are not known here.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.json_document import JsonSyntaxError, Members, read_document
from kcore.machinery.resource import GroupVersionKind
from kcore.machinery.schema import decode
from kcore.machinery.schema_scalars import ScalarError
from kcore.machinery.schema_types import type_table
from kcore.machinery.typed_document import json_type, read_typed
from kcore.machinery.yaml_dialect import YamlError, yaml_to_json

Sort = Literal["", "missing kind", "missing version", "not registered"]

SCHEME_SOURCE: Final = 'scheme "pkg/runtime/scheme.go:111"'
# Go shows the struct that it looks for version and kind with.
_TYPE_META: Final = (
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; '
    'Kind string "json:\\"kind,omitempty\\"" }'
)
_NOTHING: Final = GroupVersionKind("", "", "")


class ObjectTextError(ValueError):
    """A text that is no object of a known kind; the message is upstream's.

    `gvk` is what the text claims to be; None when even that could not be read.
    """

    def __init__(self, message: str, gvk: GroupVersionKind | None = None, sort: Sort = "") -> None:
        super().__init__(message)
        self.message = message
        self.gvk = gvk
        self.sort: Sort = sort


@dataclass(frozen=True, slots=True)
class ObjectText:
    """A decoded text: what it claims to be, the object, and what strict decoding refuses."""

    gvk: GroupVersionKind
    object: FrozenMap
    problems: tuple[str, ...] = ()
    sent: FrozenMap = field(default_factory=lambda: freeze({}))
    """The members that were set, before zero values are written or left out."""


def read_object(
    text: str, *, is_yaml: bool = False, default: GroupVersionKind = _NOTHING
) -> ObjectText:
    """The object in `text`. O(size).

    Args:
        text: one object.
        is_yaml: the text is YAML.
        default: what the object is when it does not say.

    Raises:
        ObjectTextError: malformed, of no known kind, or with a value of the wrong type.
    """
    document, problems = _document(text, is_yaml)
    gvk = _completed(read_type_meta(document), default)
    if not gvk.kind:
        raise ObjectTextError(f"Object 'Kind' is missing in '{text}'", gvk, "missing kind")
    if not gvk.version:
        raise ObjectTextError(f"Object 'apiVersion' is missing in '{text}'", gvk, "missing version")
    types = type_table()
    schema = types.kind(gvk.api_version, gvk.kind)
    if schema is None:
        where = f'no kind "{gvk.kind}" is registered for version "{gvk.api_version}"'
        raise ObjectTextError(f"{where} in {SCHEME_SOURCE}", gvk, "not registered")
    try:
        members, strict_problems = read_typed(document, schema, types)
    except ScalarError as error:
        raise ObjectTextError(str(error), gvk) from None
    sent: FrozenMap = freeze(members)
    whole = decode(sent, gvk.api_version, gvk.kind).object
    for name in ("apiVersion", "kind"):
        if name not in sent:
            whole = whole.remove((name,))
    return ObjectText(gvk, whole, (*problems, *strict_problems), sent)


def _document(text: str, is_yaml: bool) -> tuple[Any, tuple[str, ...]]:
    problems: tuple[str, ...] = ()
    try:
        if is_yaml:
            json_text = yaml_to_json(text)
            problems = _repeated_in_yaml(text)
            return read_document(json_text), problems
        return read_document(text), problems
    except YamlError as error:
        raise ObjectTextError(str(error)) from None
    except JsonSyntaxError as error:
        raise ObjectTextError(_unreadable(str(error))) from None


def _repeated_in_yaml(text: str) -> tuple[str, ...]:
    try:
        yaml_to_json(text, strict=True)
    except YamlError as error:
        return (str(error),)
    return ()


def _unreadable(why: str) -> str:
    return f"couldn't get version/kind; json parse error: {why}"


def read_type_meta(document: Any) -> GroupVersionKind:
    """Group, version and kind that a document names, whatever the case of its members.

    Raises:
        ObjectTextError: it is no object, a name is no text, or the version has two slashes.
    """
    if document is None:
        return _NOTHING
    if not isinstance(document, Members):
        found = json_type(document)
        raise ObjectTextError(
            _unreadable(f"json: cannot unmarshal {found} into Go value of type {_TYPE_META}")
        )
    names = {"apiVersion": "", "kind": ""}
    wrong = ""
    for key, value in document:
        name = _type_member(key)
        if name and type(value) is str:
            names[name] = value
        elif name and value is not None:
            why = f"json: cannot unmarshal {json_type(value)} into Go struct field .{name}"
            wrong = wrong or f"{why} of type string"
    if wrong:
        raise ObjectTextError(_unreadable(wrong))
    return _group_version_kind(names["apiVersion"], names["kind"])


def _type_member(key: str) -> str:
    """`apiVersion` or `kind` for a member that Go takes for it; empty for another."""
    folded = key.lower()
    if folded in ("apiversion", "kind") or "\u017f" in key or "\u212a" in key:
        # The long s and the Kelvin sign fold to letters, too.
        plain = folded.replace("\u017f", "s").replace("\u212a", "k")
        return {"apiversion": "apiVersion", "kind": "kind"}.get(plain, "")
    return ""


def _group_version_kind(api_version: str, kind: str) -> GroupVersionKind:
    if api_version in ("", "/"):
        return GroupVersionKind("", "", kind)
    if api_version.count("/") > 1:
        raise ObjectTextError(f"unexpected GroupVersion string: {api_version}")
    return GroupVersionKind.of(api_version, kind)


def _completed(gvk: GroupVersionKind, default: GroupVersionKind) -> GroupVersionKind:
    group, version, kind = gvk.group, gvk.version, gvk.kind or default.kind
    if not version and not group:
        group, version = default.group, default.version
    if not version and group == default.group:
        version = default.version
    return GroupVersionKind(group, version, kind)
