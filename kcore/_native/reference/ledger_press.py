"""Values of one template, put one after the other: a part of the twin of the `ledger` kernel.

What tells such values apart is filled in: the revision, an id, the time as often as they say it,
the name and further texts. Everything else was decided when the first ones were made, and holds
while the buckets that decided it are as they were.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

from kcore._native.reference.ledger_journal import Journal

V = TypeVar("V")


class Press(Generic[V]):
    """Makes the next value of a template and puts it under a name that is free.

    `template` takes the text of the next revision, what `mint_id` makes, the time `times_count`
    times, the name and the texts. Names are a prefix with what `mint_suffix` makes, or, where the
    prefix is None, the first of the texts. `wording` makes of the same parts as the template what
    the journal's `to_bytes` would make of the value.
    """

    __slots__ = (
        "_bucket",
        "_depends",
        "_journal",
        "_mint_id",
        "_mint_suffix",
        "_prefix",
        "_template",
        "_times_count",
        "_verb",
        "_wording",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - what all its values share
        self,
        journal: Journal[V],
        verb: str,
        bucket: str,
        mint_suffix: Callable[[], str],
        mint_id: Callable[[], str],
        template: Callable[..., V],
        prefix: str | None,
        times_count: int,
        depends: dict[str, int],
        wording: Callable[..., bytes] | None = None,
        /,
    ) -> None:
        self._journal = journal
        self._verb = verb
        self._bucket = bucket
        self._mint_suffix = mint_suffix
        self._mint_id = mint_id
        self._template = template
        self._prefix = prefix
        self._times_count = times_count
        self._depends = dict(depends)
        self._wording = wording

    def __call__(self, space: str, now: str, texts: tuple[str, ...], /) -> V | None:
        """The next value, put at `space/name`; None where a bucket that it depends on has changed.

        O(log n + size of the value).

        Raises:
            CompareFailedError: the name is taken; nothing was written, but a name and an id drawn.
        """
        store = self._journal.store
        if not store.is_unchanged(self._depends):
            return None
        if self._prefix is None:
            name, given = texts[0], texts
        else:
            name = self._prefix + self._mint_suffix()
            given = (name, *texts)
        identity, revision = self._mint_id(), str(store.next_revision)
        parts = (revision, identity, *(now,) * self._times_count, *given)
        value, key, wording = self._template(*parts), f"{space}/{name}", self._wording
        journal, verb, bucket = self._journal, self._verb, self._bucket
        if wording is None:
            return journal.commit(verb, bucket, key, value, 0)
        return journal.commit_as(verb, bucket, key, value, 0, lambda: wording(*parts))
