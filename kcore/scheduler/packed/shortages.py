"""What each row is short of for one class of pods: slots, and amounts that must be free."""

from typing import Final

from kcore.scheduler.packed.label_masks import Mask
from kcore.scheduler.packed.node_rows import NodeRows
from kcore.scheduler.packed.pod_class import PodClass
from kcore.scheduler.packed.promises import Guests


class Shortages:
    """Masks over rows; guests take room as if they were there. O(rows * needs) to make."""

    __slots__ = ("amounts", "hopeless", "slots")

    def __init__(self, rows: NodeRows, pod_class: PodClass, guests: Guests | None) -> None:
        table = rows.table
        slots, count = table.counts()
        if guests is not None:
            count = count + guests.counts
        self.slots: Final[Mask] = count >= slots
        """Where no slot is free."""
        self.amounts: list[Mask] = []
        """For each need, where too little is free."""
        self.hopeless: list[Mask] = []
        """For each need, where there is too little even when nobody is there."""
        for index, amount in pod_class.needs:
            capacity, used = table.column("capacity", index), table.column("used", index)
            if guests is not None:
                used += guests.amounts(rows.resource_name(index))
            self.amounts.append(amount > capacity - used)
            self.hopeless.append(amount > capacity)

    @property
    def closed(self) -> Mask:
        """Where anything is missing. O(rows * needs)."""
        closed = self.slots
        for mask in self.amounts:
            closed = closed | mask
        return closed
