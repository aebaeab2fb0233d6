"""Names of resources and kinds: the coordinates every layer shares."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class GroupVersionKind:
    """What an object says it is: `apps/v1, Kind=Deployment`."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        """`apps/v1`, or `v1` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @classmethod
    def of(cls, api_version: str, kind: str) -> "GroupVersionKind":
        """Split `apps/v1`; the core group has no slash."""
        group, _, version = api_version.rpartition("/")
        return cls(group, version, kind)


@dataclass(frozen=True, slots=True, order=True)
class GroupResource:
    """Where objects of a kind are kept: `deployments.apps`, whatever the version."""

    group: str
    resource: str

    def __str__(self) -> str:
        return f"{self.resource}.{self.group}" if self.group else self.resource


@dataclass(frozen=True, slots=True, order=True)
class NamespacedName:
    """Which object of a resource; `namespace` is empty for cluster-scoped ones."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name
