"""Validation of custom resources against their schema, with upstream's error texts.

A change is held to the schema only where it changes something: what was wrong before and is still
the same is let pass (upstream calls it ratcheting), which also keeps the walk short. List map
elements are compared with the element of the same keys, elements of other lists with nothing.

Known to upstream and not here: rules in CEL (`x-kubernetes-validations`).
"""

from collections.abc import Iterator
from typing import Any, Final

from kcore.machinery.apply.field_path import ranked
from kcore.machinery.field_errors import (
    INVALID,
    NOT_SUPPORTED,
    REQUIRED,
    TOO_MANY,
    TYPE_INVALID,
    FieldError,
    FieldErrors,
)
from kcore.machinery.frozen import ABSENT, FrozenList, FrozenMap
from kcore.machinery.go_text import json_text, quote
from kcore.machinery.structural.junctors import check_junctors
from kcore.machinery.structural.scalar_rules import check_format, check_number, check_text
from kcore.machinery.structural.structural_schema import Structural
from kcore.machinery.structural.type_names import json_type_of

NO_PATH: Final = "<nil>"


def check_value(
    value: Any, schema: Structural, old: Any = ABSENT, *, path: str = "", name: str = ""
) -> FieldErrors:
    """The problems of a value, in the order of its schema. O(changed * rules).

    Args:
        value: what to look at.
        schema: what it must fit.
        old: what it replaces; ABSENT: it is new.
        path: where the causes say it is.
        name: what the messages call it: upstream's names are relative to the schema's root.
    """
    walk = _Walk(path)
    walk.value(value, old, schema, name)
    return FieldErrors(walk.errors)


class _Walk:
    """One validation; `matches` counts the checks that were made."""

    __slots__ = ("_path", "errors", "matches")

    def __init__(self, path: str) -> None:
        self._path = path
        self.errors: list[FieldError] = []
        self.matches = 0

    def fork(self) -> "_Walk":
        """A walk whose problems may be thrown away."""
        return _Walk(self._path)

    def note(self, kind: str, name: str, value: Any, detail: str) -> None:
        """Append a problem at the place called `name`."""
        place = name.removeprefix(".")
        joined = ".".join(each for each in (self._path, place) if each)
        self.errors.append(FieldError(kind, joined or NO_PATH, value, detail))

    def note_nowhere(self, detail: str) -> None:
        """Append a problem that upstream gives no place."""
        self.errors.append(FieldError(INVALID, self._path or NO_PATH, "", detail))

    def value(self, value: Any, old: Any, schema: Structural, name: str) -> None:
        if old is not ABSENT and (old is value or old == value):
            return
        self._type(value, schema, name)
        self.matches += 1
        if value is None:
            self._enum(value, schema, name)
            return
        check_junctors(self, value, schema, name)
        if isinstance(value, str):
            check_text(self, value, schema, name)
            check_format(self, value, schema, name)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            check_number(self, value, schema, name)
        elif isinstance(value, FrozenList):
            self._list(value, old, schema, name)
        self._enum(value, schema, name)
        if isinstance(value, FrozenMap):
            self._map(value, old, schema, name)

    def _type(self, value: Any, schema: Structural, name: str) -> None:
        types = schema.types
        if not types and not schema.format:
            return
        if value is None:
            if types and not schema.nullable:
                self._wrong_type(name, types, "null")
            return
        found = json_type_of(value)
        numeric = "number" in types or "integer" in types
        if schema.format and not numeric and isinstance(value, str | FrozenList):
            return
        whole = found == "number" and float(value).is_integer() and "integer" in types
        if not (found in types or whole or (found == "integer" and "number" in types)):
            self._wrong_type(name, types, found)

    def _wrong_type(self, name: str, types: tuple[str, ...], found: str) -> None:
        detail = f"{name} in body must be of type {','.join(types)}: {quote(found)}"
        self.note(TYPE_INVALID, name, found, detail)

    def _enum(self, value: Any, schema: Structural, name: str) -> None:
        allowed = schema.rules.enum
        if not allowed or any(ranked(value) == ranked(each) for each in allowed):
            return
        words = ", ".join(
            quote(each if isinstance(each, str) else json_text(each)) for each in allowed
        )
        self.note(NOT_SUPPORTED, name, value, f"supported values: {words}")

    def _list(self, value: FrozenList, old: Any, schema: Structural, name: str) -> None:
        rules, count = schema.rules, len(value)
        if schema.items is not None:
            for position, (item, before) in enumerate(_correlated(value, old, schema)):
                self.value(item, before, schema.items, f"{name}[{position}]")
        if rules.items_count_min is not None and count < rules.items_count_min:
            detail = f"{name} in body should have at least {rules.items_count_min} items"
            self.note(INVALID, name, count, detail)
        if rules.items_count_max is not None and count > rules.items_count_max:
            most = rules.items_count_max
            plural = "" if most == 1 else "s"
            self.note(TOO_MANY, name, count, f"must have at most {most} item{plural}")
        if rules.unique_items and len(set(map(ranked, value))) < count:
            self.note(INVALID, name, "", f"{name} in body shouldn't contain duplicates")

    def _map(self, value: FrozenMap, old: Any, schema: Structural, name: str) -> None:
        if self._wrong_count(len(value), schema, name):
            return
        before = old if isinstance(old, FrozenMap) else None
        for key, item in value.items():
            below = schema.below(key)
            if below is None:
                continue
            # Fields of the root are called by their bare names, undeclared ones by a dotted one.
            here = f"{name}.{key}" if name or key not in schema.properties else key
            self.value(item, ABSENT if before is None else before.get(key, ABSENT), below, here)
        for key in schema.rules.required:
            if key not in value:
                self.note(REQUIRED, f"{name}.{key}", "", "")

    def _wrong_count(self, count: int, schema: Structural, name: str) -> bool:
        least, most = schema.rules.properties_count_min, schema.rules.properties_count_max
        if least is not None and count < least:
            detail = f"{name} in body should have at least {least} properties"
            self.note(INVALID, name, least, detail)
            return True
        if most is not None and count > most:
            plural = "" if most == 1 else "s"
            self.note(TOO_MANY, name, count, f"must have at most {most} item{plural}")
            return True
        return False


def _correlated(value: FrozenList, old: Any, schema: Structural) -> Iterator[tuple[Any, Any]]:
    """Every element with the one it replaces, which only list maps can tell."""
    keys = schema.list_keys
    if schema.list_type != "map" or not keys or not isinstance(old, FrozenList):
        return ((item, ABSENT) for item in value)

    def identity(item: Any) -> Any:
        is_map = isinstance(item, FrozenMap)
        return tuple(ranked(item.get(key)) for key in keys) if is_map else ranked(item)

    known = {identity(item): item for item in old}
    return ((item, known.get(identity(item), ABSENT)) for item in value)
