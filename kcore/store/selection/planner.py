"""From selectors to set algebra: which postings to intersect, which to take away, in which order.

    env=prod, app in (a,b), tier!=db, !canary
      wants   env:prod,  app:a or app:b        smallest first; an empty one ends it
      leaves  tier:db,  canary                 taken away last, from what is left

A requirement that no posting answers (`cpu>4`, a field that is not indexed) makes the plan inexact:
what it finds still has to be asked. `cpu>4` at least wants the objects that have the label at all.
"""

from collections.abc import Container
from typing import Final

from kcore.machinery.fields import FieldSelector
from kcore.machinery.labels import Requirement, Selector
from kcore.machinery.labels.requirement import (
    DOES_NOT_EXIST,
    DOUBLE_EQUALS,
    EQUALS,
    EXISTS,
    IN,
    NOT_EQUALS,
    NOT_IN,
)
from kcore.machinery.postings import EMPTY, Bitmap, Postings

_ONE_OF: Final = frozenset({EQUALS, DOUBLE_EQUALS, IN})
_NONE_OF: Final = frozenset({NOT_IN, NOT_EQUALS})


class Plan:
    """Postings to intersect and postings to take away."""

    __slots__ = ("is_exact", "unwanted", "wanted")

    def __init__(self) -> None:
        self.wanted: list[Bitmap] = []
        self.unwanted: list[Bitmap] = []
        self.is_exact = True
        """Whether everything found is selected; otherwise it may be."""

    @property
    def is_everything(self) -> bool:
        """Whether nothing is asked of the postings."""
        return not self.wanted and not self.unwanted

    def count_max(self, everything_count: int) -> int:
        """At most how many ids it finds among so many. O(terms)."""
        return min(map(len, self.wanted), default=everything_count)

    def bitmap(self, everything: Bitmap) -> Bitmap:
        """Run it. O(size of the postings it touches)."""
        wanted = self.wanted
        if not wanted:
            found = everything
        elif len(wanted) == 1:
            found = wanted[0]
        else:
            wanted.sort(key=len)
            found = wanted[0]
            for bitmap in wanted[1:]:
                if not found:
                    return found
                found = found & bitmap
        for bitmap in self.unwanted:
            if bitmap:
                found = found - bitmap
        return found


def plan_labels(plan: Plan, postings: Postings, selector: Selector) -> None:
    """Add what a label selector asks."""
    if not selector.selectable:
        plan.wanted.append(EMPTY)
        return
    for one in selector.requirements:
        operator = one.operator
        if operator in _ONE_OF:
            plan.wanted.append(_any_of(postings, one))
        elif operator in _NONE_OF:
            plan.unwanted.extend(postings.get(one.key, value) for value in one.values)
        elif operator == EXISTS:
            plan.wanted.append(postings.present(one.key))
        elif operator == DOES_NOT_EXIST:
            plan.unwanted.append(postings.present(one.key))
        else:
            plan.wanted.append(postings.present(one.key))
            plan.is_exact = False


def _any_of(postings: Postings, one: Requirement) -> Bitmap:
    key, values = one.key, one.values
    if len(values) == 1:
        return postings.get(key, values[0])
    return Bitmap.union([postings.get(key, value) for value in values])


def plan_fields(
    plan: Plan, postings: Postings, indexed: Container[str], selector: FieldSelector
) -> None:
    """Add what a field selector asks of indexed fields."""
    for one in selector.requirements:
        if one.field not in indexed:
            plan.is_exact = False
        elif one.operator == "=":
            plan.wanted.append(postings.get(one.field, one.value))
        else:
            plan.unwanted.append(postings.get(one.field, one.value))
