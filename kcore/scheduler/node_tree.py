"""The order in which nodes are tried: one node of each zone in turn.

Zones stand in the order of first appearance, nodes of a zone in the order they were added. A node
whose zone changes moves to the end of the new zone; a zone without nodes is forgotten.
"""

from typing import Self


class NodeTree:
    """Node names by zone, in upstream's order. Persistent by copying: it changes rarely."""

    __slots__ = ("_count", "_zones")

    def __init__(self) -> None:
        self._zones: dict[str, tuple[str, ...]] = {}
        self._count = 0

    def __len__(self) -> int:
        """Return how many nodes there are."""
        return self._count

    def add(self, zone: str, name: str) -> None:
        """Put a node at the end of its zone; nothing happens when it is there. O(zone)."""
        names = self._zones.get(zone, ())
        if name not in names:
            self._zones[zone] = (*names, name)
            self._count += 1

    def remove(self, zone: str, name: str) -> None:
        """Take a node out of its zone; nothing happens when it is not there. O(zone)."""
        names = self._zones.get(zone, ())
        if name not in names:
            return
        self._count -= 1
        rest = tuple(other for other in names if other != name)
        if rest:
            self._zones[zone] = rest
        else:
            del self._zones[zone]

    def ordered(self) -> list[str]:
        """Every name: the first of each zone, then the second of each, and so on. O(n + zones)."""
        zones = list(self._zones.values())
        names: list[str] = []
        index = 0
        while zones:
            names.extend(zone[index] for zone in zones)
            index += 1
            zones = [zone for zone in zones if len(zone) > index]
        return names

    def copy(self) -> Self:
        """An independent tree. O(zones)."""
        twin = type(self)()
        twin._zones, twin._count = dict(self._zones), self._count
        return twin
