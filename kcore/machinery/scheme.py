"""What is known of each kind: names, scope, verbs, subresources. Knows no rule of any kind.

A `Scheme` answers `deploy`, `Deployment` or `deployments.apps` with one `ResourceInfo`. The list
of built-in kinds is data (`kcore.api.catalog`); a custom resource adds a row at run time, so a
scheme is persistent: `with_resource` returns a new one and forks share what they do not change.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kcore.machinery.resource import GroupResource, GroupVersionKind


@dataclass(frozen=True, slots=True)
class ResourceInfo:
    """One served resource in one version."""

    gvk: GroupVersionKind
    resource: str
    singular: str
    namespaced: bool
    verbs: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    preferred: bool = True

    @property
    def group_resource(self) -> GroupResource:
        """`deployments.apps`: the same for all versions."""
        return GroupResource(self.gvk.group, self.resource)

    @property
    def list_kind(self) -> str:
        """`DeploymentList`."""
        return f"{self.gvk.kind}List"


class Scheme:
    """Look-up of resources by kind, plural, singular, short name or qualified name. O(1)."""

    def __init__(self, resources: Iterable[ResourceInfo]) -> None:
        self._rows = tuple(resources)
        # By what objects say of themselves; hashing texts is cheap, hashing their parts is not.
        self._by_kind = {(info.gvk.api_version, info.gvk.kind): info for info in self._rows}
        by_group_resource: dict[GroupResource, ResourceInfo] = {}
        by_name: dict[str, ResourceInfo] = {}
        for info in self._rows:
            known = by_group_resource.get(info.group_resource)
            if known is None or (info.preferred and not known.preferred):
                by_group_resource[info.group_resource] = info
        # Core names win over the same word in another group (`events`), as in kubectl.
        for info in sorted(by_group_resource.values(), key=lambda row: row.gvk.group != ""):
            words = (info.resource, info.singular, info.gvk.kind.lower(), *info.short_names)
            for word in words:
                by_name.setdefault(word, info)
                if info.gvk.group:
                    by_name.setdefault(f"{word}.{info.gvk.group}", info)
        self._by_group_resource: Mapping[GroupResource, ResourceInfo] = MappingProxyType(
            by_group_resource
        )
        self._by_name: Mapping[str, ResourceInfo] = MappingProxyType(by_name)

    def __iter__(self) -> Iterator[ResourceInfo]:
        """Every row, in catalog order."""
        return iter(self._rows)

    def by_kind(self, api_version: str, kind: str) -> ResourceInfo | None:
        """The row for an object's `apiVersion` and `kind`; None when unknown."""
        return self._by_kind.get((api_version, kind))

    def by_group_resource(self, group: str, resource: str) -> ResourceInfo | None:
        """The preferred version of `resource` in `group`; None when unknown."""
        return self._by_group_resource.get(GroupResource(group, resource))

    def by_group_kind(self, group: str, kind: str) -> ResourceInfo | None:
        """The preferred version of `kind` in `group`; None when unknown."""
        rows = [row for row in self._rows if row.gvk.group == group and row.gvk.kind == kind]
        return next((row for row in rows if row.preferred), rows[0] if rows else None)

    def by_name(self, name: str) -> ResourceInfo | None:
        """What kubectl would take `name` for: `po`, `pod`, `pods`, `Pod`, `deployments.apps`."""
        return self._by_name.get(name.lower())

    def with_resource(self, info: ResourceInfo) -> "Scheme":
        """A scheme that also knows `info`; replaces the row of the same kind. O(n)."""
        return Scheme([*(row for row in self._rows if row.gvk != info.gvk), info])
