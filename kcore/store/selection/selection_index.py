"""What can be selected in one bucket at one revision: numbers, and the postings of their facets.

Read together with the contents of the same revision. Published versions are never changed: who
wants another revision copies (O(1)) and replaces keys on the copy.
"""

from collections.abc import Iterable
from typing import Final, Self

from kcore.machinery.fields import FieldSelector
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.labels import Selector
from kcore.machinery.postings import Bitmap, Postings
from kcore.store.revision import KeyValue
from kcore.store.selection.answer import Answer
from kcore.store.selection.facets import Facets
from kcore.store.selection.ids import Ids
from kcore.store.selection.planner import Plan, plan_fields, plan_labels

# Lists that clients page through at the same time; each may hold the sorted keys of its objects.
ANSWERS_COUNT_MAX: Final = 16


class SelectionIndex:
    """Ids, label postings and field postings of one version of a bucket."""

    __slots__ = ("_answers", "facets", "fields", "ids", "labels")

    def __init__(self, facets: Facets) -> None:
        self.facets = facets
        self.ids = Ids()
        self.labels = Postings()
        self.fields = Postings()
        self._answers: dict[tuple[Selector | None, FieldSelector | None], Answer] = {}

    @classmethod
    def load(cls, facets: Facets, entries: Iterable[KeyValue]) -> Self:
        """The index of entries in key order. O(n)."""
        made = cls(facets)
        keys: list[str] = []
        add, labels_of, fields = made.labels.add, facets.labels, tuple(facets.fields.items())
        insert = made.fields.insert
        for number, entry in enumerate(entries):
            value = entry.value
            keys.append(entry.key)
            add(number, labels_of(value))
            for name, function in fields:
                for text in function(value):
                    insert(name, text, number)
        made.ids = Ids.load(keys)
        return made

    def copy(self) -> Self:
        """An independent index with the same content. O(1)."""
        twin = object.__new__(type(self))
        twin.facets = self.facets
        twin.ids = self.ids.copy()
        twin.labels = self.labels.copy()
        twin.fields = self.fields.copy()
        twin._answers = {}
        return twin

    def __len__(self) -> int:
        """Return how many objects there are. O(1)."""
        return len(self.ids)

    def replace(self, key: str, old: FrozenMap | None, new: FrozenMap | None) -> None:
        """Let `key` hold `new` (None: nothing) instead of `old`. O(log n + facets that differ)."""
        if old is None and new is None:
            return
        if self._answers:
            self._answers.clear()
        number = self.ids.take(key) if old is None else self.ids.number(key)
        assert number is not None, f"{key} has no number"
        facets = self.facets
        self.labels.replace(
            number,
            None if old is None else facets.labels(old),
            None if new is None else facets.labels(new),
        )
        for name, function in facets.fields.items():
            before = () if old is None else function(old)
            after = () if new is None else function(new)
            if before != after:
                self._replace_field(name, number, tuple(before), tuple(after))
        if new is None:
            self.ids.release(key)

    def _replace_field(
        self, name: str, number: int, before: tuple[str, ...], after: tuple[str, ...]
    ) -> None:
        for text in before:
            if text not in after:
                self.fields.remove(name, text, number)
        for text in after:
            if text not in before:
                self.fields.insert(name, text, number)

    def plan(self, labels: Selector | None = None, fields: FieldSelector | None = None) -> Plan:
        """What two selectors ask of this index; None asks for nothing. O(requirements)."""
        made = Plan()
        if labels is not None:
            plan_labels(made, self.labels, labels)
        if fields is not None:
            plan_fields(made, self.fields, self.facets.fields, fields)
        return made

    def answer(self, labels: Selector | None = None, fields: FieldSelector | None = None) -> Answer:
        """What two selectors select; None selects everything.

        The last few answers are kept: the pages of one list ask the same again.
        """
        asked = (labels, fields)
        known = self._answers.get(asked)
        if known is None:
            plan = self.plan(labels, fields)
            known = Answer(self.ids, plan.bitmap(self.ids.live), plan.is_exact)
            if len(self._answers) >= ANSWERS_COUNT_MAX:
                self._answers.pop(next(iter(self._answers)), None)
            self._answers[asked] = known
        return known

    def bitmap(self, labels: Selector) -> Bitmap:
        """The ids that a label selector selects (for `<` and `>` perhaps more), not kept."""
        return self.plan(labels).bitmap(self.ids.live)

    def check_invariants(self, entries: Iterable[KeyValue]) -> None:
        """Raise AssertionError when this is not the index of `entries`, or is broken. O(n)."""
        self.ids.check_invariants()
        self.labels.check_invariants()
        self.fields.check_invariants()
        labels, fields, count = Postings(), Postings(), 0
        for entry in entries:
            count += 1
            number = self.ids.number(entry.key)
            assert number is not None, f"{entry.key} has no number"
            labels.add(number, self.facets.labels(entry.value))
            for name, function in self.facets.fields.items():
                for text in function(entry.value):
                    fields.insert(name, text, number)
        assert count == len(self), "a number has no entry"
        for kept, wanted in ((self.labels, labels), (self.fields, fields)):
            assert kept.keys() == wanted.keys()
            for key in wanted.keys():  # noqa: SIM118 - no dict
                assert kept.present(key) == wanted.present(key), key
                assert kept.values(key) == wanted.values(key), key
                for value in wanted.values(key):
                    assert kept.get(key, value) == wanted.get(key, value), (key, value)
