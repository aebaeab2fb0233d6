"""One change, made to many values in turn: a part of the twin of the `ledger` kernel."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from kcore._native.reference.ledger_journal import Journal

V = TypeVar("V")


class Amendment(Generic[V]):
    """Puts what `change` makes of a value in its place.

    `change` takes the value, what a call gives, and the text of the revision of the write; it
    answers None for values that it is not for. Everything else was decided before, and holds while
    the buckets that decided it are as they were.
    """

    __slots__ = ("_bucket", "_change", "_depends", "_journal", "_verb")

    def __init__(
        self,
        journal: Journal[V],
        verb: str,
        bucket: str,
        change: Callable[..., V | None],
        depends: dict[str, int],
        /,
    ) -> None:
        self._journal = journal
        self._verb = verb
        self._bucket = bucket
        self._change = change
        self._depends = dict(depends)

    def __call__(self, space: str, name: str, given: tuple[Any, ...], /) -> V | None:
        """The new value of the key `space/name`; None, and nothing was done, where there is none.

        None, too, where a bucket that it depends on has changed, or the change is not for the
        value. O(log n + size of the value).

        Raises:
            CompareFailedError: the change itself wrote the key.
        """
        store, key = self._journal.store, f"{space}/{name}"
        if not store.is_unchanged(self._depends):
            return None
        found = store.get(self._bucket, key)
        if found is None:
            return None
        value = self._change(found.value, *given, str(store.next_revision))
        if value is None:
            return None
        return self._journal.commit(self._verb, self._bucket, key, value, found.mod_revision)
