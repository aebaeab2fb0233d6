"""The order in which nodes are tried: one node of each zone in turn.

Zones stand in the order of first appearance, nodes of a zone in the order they were added. A node
whose zone changes moves to the end of the new zone; a zone without nodes is forgotten.
"""

from typing import Self


class NodeTree:
    """Node names by zone, in upstream's order."""

    __slots__ = ("_count", "_zones")

    def __init__(self) -> None:
        # Names are keys: their order is kept and each is found at once.
        self._zones: dict[str, dict[str, None]] = {}
        self._count = 0

    def __len__(self) -> int:
        """Return how many nodes there are."""
        return self._count

    def add(self, zone: str, name: str) -> None:
        """Put a node at the end of its zone; nothing happens when it is there. O(1)."""
        names = self._zones.setdefault(zone, {})
        if name not in names:
            names[name] = None
            self._count += 1

    def remove(self, zone: str, name: str) -> None:
        """Take a node out of its zone; nothing happens when it is not there. O(1)."""
        names = self._zones.get(zone, {})
        if name not in names:
            return
        self._count -= 1
        del names[name]
        if not names:
            del self._zones[zone]

    def ordered(self) -> list[str]:
        """Every name: the first of each zone, then the second of each, and so on. O(n + zones)."""
        zones = [tuple(names) for names in self._zones.values()]
        names: list[str] = []
        index = 0
        while len(zones) > 1:
            names.extend(zone[index] for zone in zones)
            index += 1
            zones = [zone for zone in zones if len(zone) > index]
        # What is left of the last zone, or of the only one, comes as it is.
        for zone in zones:
            names.extend(zone[index:])
        return names

    def copy(self) -> Self:
        """An independent tree. O(nodes)."""
        twin = type(self)()
        twin._zones = {zone: dict(names) for zone, names in self._zones.items()}
        twin._count = self._count
        return twin
