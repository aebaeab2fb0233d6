"""Who owns which fields: managers, each with a set of fields in one version.

A manager is known by name, operation, subresource and, unless it applies, version: an applier keeps
its entry when it turns to another version. Immutable; changes answer with new values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from kcore.machinery.apply.field_path import Path, path_text
from kcore.machinery.apply.field_set import FieldSet
from kcore.machinery.go_text import json_text, quote

Operation = Literal["Apply", "Update"]
APPLY: Final = "Apply"
UPDATE: Final = "Update"


@dataclass(frozen=True, slots=True)
class Manager:
    """Whose entry it is. `api_version` is empty for appliers."""

    name: str
    operation: Operation
    api_version: str = ""
    subresource: str = ""

    @property
    def identifier(self) -> str:
        """Upstream's text for it, which its orders go by."""
        fields = [("manager", self.name), ("operation", self.operation)]
        fields += [("apiVersion", self.api_version), ("subresource", self.subresource)]
        shown = ",".join(f'"{key}":{json_text(value)}' for key, value in fields if value)
        return f"{{{shown}}}"

    def __str__(self) -> str:
        """As conflicts name it: `"web" with subresource "status" using apps/v1`."""
        text = quote(self.name)
        if self.subresource:
            text += f" with subresource {quote(self.subresource)}"
        return f"{text} using {self.api_version}" if self.operation == UPDATE else text


@dataclass(frozen=True, slots=True)
class Owned:
    """The fields of one manager, as its version calls them."""

    fields: FieldSet
    api_version: str
    applied: bool


Owners = dict[Manager, Owned]


@dataclass(frozen=True, slots=True)
class Managed:
    """All owners of an object, and when each last changed it (None: not known)."""

    owners: Mapping[Manager, Owned] = field(default_factory=dict)
    times: Mapping[Manager, str | None] = field(default_factory=dict)

    def with_owners(self, owners: Owners) -> "Managed":
        """The same times with other owners."""
        return replace(self, owners=owners)

    def at(self, manager: Manager, time: str | None) -> "Managed":
        """The same with the time of one manager set."""
        return replace(self, times={**self.times, manager: time})


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that an applier wants and somebody else owns."""

    manager: Manager
    path: Path


def conflict_message(conflicts: list[Conflict]) -> str:
    """Upstream's text about conflicts, grouped by manager."""
    if len(conflicts) == 1:
        only = conflicts[0]
        where = path_text(only.path)
        return f"Apply failed with 1 conflict: conflict with {only.manager}: {where}"
    by_manager: dict[Manager, list[Path]] = {}
    for each in conflicts:
        by_manager.setdefault(each.manager, []).append(each.path)
    lines = []
    for manager in sorted(by_manager, key=lambda each: each.identifier):
        lines.append(f"conflicts with {manager}:")
        lines.extend(f"- {path_text(path)}" for path in by_manager[manager])
    text = "\n".join(lines)
    return f"Apply failed with {len(conflicts)} conflicts: {text}"
