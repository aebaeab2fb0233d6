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
        "_is_owned",
        "_namespaces",
        "_namespaces_seen",
        "_owner",
        "_pod",
        "_services",
        "_services_seen",
        "handle",
    )

    def __init__(self, handle: Handle, pod: PodInfo) -> None:
        """Look. `pod` stands for all of its kind."""
        self.handle = handle
        """The world that this is in."""
        self._pod = pod
        self._is_owned = bool(pod.pod["metadata"].get("ownerReferences"))
        self._services = handle.lister("services")
        self._namespaces = handle.lister("namespaces")
        self._services_seen = self._services.view
        self._namespaces_seen = self._namespaces.view
        self._owner = owner_selector(handle, pod) if self._is_owned else None

    @property
    def seen(self) -> Seen:
        """What there was to see; keeps no world alive."""
        return self._services_seen, self._namespaces_seen, self._owner

    def is_the_same(self, handle: Handle) -> bool:
        """Whether whoever looks now, in the same world, sees the same. O(1)."""
        # Nearly always the picture that was seen last is still there, so that is asked for first.
        return (
            self.handle is handle
            and (
                self._services.seen is self._services_seen
                or self._services.view is self._services_seen
            )
            and (
                self._namespaces.seen is self._namespaces_seen
                or self._namespaces.view is self._namespaces_seen
            )
            and (not self._is_owned or owner_selector(self.handle, self._pod) == self._owner)
        )


def is_alike(one: Seen, other: Seen) -> bool:
    """Whether both saw the same; views are compared by what they are, not object by object."""
    return one[0] is other[0] and one[1] is other[1] and one[2] == other[2]
