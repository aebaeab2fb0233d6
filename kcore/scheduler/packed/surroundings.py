"""What is around a kind of pod, other pods and nodes apart: services, namespaces, and its owner.

What ties a pod to others follows from its spec and from these, so it is worked out again when one
of them changed, and only then.
"""

from typing import TYPE_CHECKING

from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.spread_constraints import owner_selector

if TYPE_CHECKING:
    from kcore.machinery.frozen import FrozenMap

Seen = tuple[object, object, "FrozenMap | None"]
"""The views of services and namespaces, and the owner's selector."""


class Surroundings:
    """What was around a kind of pod when somebody looked."""

    __slots__ = (
        "_owner",
        "_pod",
        "handle",
        "is_owned",
        "namespaces",
        "namespaces_seen",
        "services",
        "services_seen",
    )

    def __init__(self, handle: Handle, pod: PodInfo) -> None:
        """Look. `pod` stands for all of its kind."""
        self.handle = handle
        """The world that this is in."""
        self._pod = pod
        self.is_owned = bool(pod.pod["metadata"].get("ownerReferences"))
        """Whether somebody owns such pods, whose selector counts."""
        self.services = handle.lister("services")
        self.namespaces = handle.lister("namespaces")
        self.services_seen = self.services.view
        self.namespaces_seen = self.namespaces.view
        self._owner = owner_selector(handle, pod) if self.is_owned else None

    @property
    def seen(self) -> Seen:
        """What there was to see; keeps no world alive."""
        return self.services_seen, self.namespaces_seen, self._owner

    def is_the_same(self, handle: Handle) -> bool:
        """Whether whoever looks now, in the same world, sees the same. O(1)."""
        return (
            self.handle is handle
            and self.services.view is self.services_seen
            and self.namespaces.view is self.namespaces_seen
            and (not self.is_owned or owner_selector(self.handle, self._pod) == self._owner)
        )


def is_alike(one: Seen, other: Seen) -> bool:
    """Whether both saw the same; views are compared by what they are, not object by object."""
    return one[0] is other[0] and one[1] is other[1] and one[2] == other[2]
