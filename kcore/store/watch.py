"""Cursors: who watches a bucket is a place in its history, nothing more.

Publishing an event costs the same for one watcher or ten thousand, namely nothing. A cursor's
`view` is the exact state after the last event it handed out, made when it is asked for: a cursor
at the head shows the present, and those that lag share the views they have in common. Until then
a cursor keeps what it has handed out since its last view, so nothing can be forgotten meanwhile.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Self

from kcore.forking import ForkMemo
from kcore.store.history import CursorCore, History
from kcore.store.revision import CompactedError
from kcore.store.selection.facets import LabelsFunction
from kcore.store.selection.interests import Interest, Interests, Wish
from kcore.store.snapshot import BucketView

if TYPE_CHECKING:
    from kcore.store.bucket import Known
    from kcore.store.mvcc import Store


# After so many events a view is made where it costs little, which is at the head: every leaf that
# is written to since is copied at its next write. After as many as hold some memory it is made
# anywhere, where it costs as much as the events since the one before.
PASSED_COUNT_MIN: Final = 8_192
PASSED_COUNT_MAX: Final = 16_384

# A store counts in 64 bits, as etcd does; people may ask for what lies beyond.
REVISION_MAX: Final = 2**63 - 1

# The next revision wanted and the oldest kept, made into what a watch that is over raises.
Refusal = Callable[[int, int], Exception]


class Cursor(CursorCore):
    """A watcher of one bucket; made by `Store.watch`.

    `pending`, `peek` and `next` are the kernel's: their twin stands in
    `kcore._native.reference.ledger_cursor`.
    """

    __slots__ = ("_refusal",)

    _store: "Store"
    _known: "Known | None"

    def __init__(
        self,
        store: "Store",
        bucket: str,
        sequence: int,
        revision: int,
        refusal: Refusal = CompactedError,
    ) -> None:
        self._store = store
        self._bucket = bucket
        self._sequence = sequence
        self._revision = revision
        self._refusal = refusal
        self._known = None
        # Events handed out since `_known`, should the history lose them before a view is made.
        self._passed = History(REVISION_MAX)
        self._passed_count_min = PASSED_COUNT_MIN
        self._passed_count_max = PASSED_COUNT_MAX
        # A watch from a revision that does not exist yet says nothing until it is passed.
        self._silent_until = revision

    @property
    def revision(self) -> int:
        """The revision of the last event handed out (the start revision before the first). O(1)."""
        if self._silent_until > self._revision:
            self._skip_silent()
        return self._revision

    @property
    def view(self) -> BucketView:
        """The bucket after the last event handed out (at the start revision before the first).

        O(1) at the head, else O(events between * log n) from the view asked for before.

        Raises:
            CompactedError: no view was asked for before, and events since are no longer kept.
        """
        if self._silent_until > self._revision:
            self._skip_silent()
        revision, known = self._revision, self._known
        if known is None or known[0] != self._sequence:
            known = self._known = (self._sequence, self._view_after(revision, known))
            self._passed.clear()
        view = known[1]
        return view if view.revision == revision else view.at(revision)

    def _view_after(self, revision: int, known: "Known | None") -> BucketView:
        try:
            return self._store.view_after(self._bucket, self._sequence, revision, known)
        except CompactedError:
            if known is None or known[0] + len(self._passed) != self._sequence:
                raise
            return known[1].following(self._passed.since(self._passed.first), revision)

    def start_silent(self, revision: int) -> None:
        """Say nothing of changes up to `revision`, which lies in the future."""
        self._silent_until = min(revision, REVISION_MAX)

    def join(self, labels_of: LabelsFunction, wish: Wish) -> Interest:
        """Let changes be noted that `wish` may select, for `seek`. O(requirements)."""
        interests = self._store.interests(self._bucket, labels_of)
        self._follow(interests)
        return interests.join(wish)

    def seek(self, labels_of: LabelsFunction, interest: Interest) -> bool:
        """Pass over changes that are of no interest, without reading them; whether one is left.

        The change that `next` then gives may be of interest. O(1), plus O(labels + selectors found
        under them) for each change that nobody looked at yet.

        Raises:
            CompactedError: the next change was compacted away; the watch is over.
        """
        history, sequence, board = self._log_ahead(), self._sequence, interest.board
        end = interest.asked_at = history.end
        if sequence == end:
            return False
        if sequence < history.first:
            raise self._compacted()
        if board.end != end:
            self._follow(self._store.interests(self._bucket, labels_of))
        place = (
            interest.next_place(sequence) if interest.places or sequence < interest.since else end
        )
        if place == end:  # What is passed over may be forgotten before somebody asks for the view.
            self._pass_to(place, board.revision, board.known)
            return False
        if place != sequence:
            self._pass_to(place, history.get(place - 1).revision, self._known)
        return True

    def hold_view(self) -> None:
        """Keep the view of a cursor at the head, should the history lose what led there. O(1)."""
        if self._known is None or self._known[0] != self._sequence:
            self._known = self._store.head(self._bucket)
            self._passed.clear()

    def _follow(self, interests: Interests) -> None:
        store, bucket = self._store, self._bucket
        interests.follow(store.history(bucket), store.head(bucket))

    def _remember(self) -> None:
        """Make a view now, since much was handed out since the one before. The kernel asks."""
        self._known = (self._sequence, self.view)

    def _compacted(self) -> Exception:
        return self._refusal(self._revision + 1, self._store.oldest_revision(self._bucket))

    def _skip_silent(self) -> None:
        history, silent_until = self._store.history(self._bucket), self._silent_until
        while self._sequence < history.end:
            if self._sequence < history.first:
                raise self._compacted()
            event = history.get(self._sequence)
            if event.revision > silent_until:
                break
            self._sequence += 1
            self._revision = event.revision
        self._revision = min(silent_until, max(self._store.revision, self._revision))

    def fork(self, memo: ForkMemo) -> Self:
        """The same place in the forked store."""
        store = memo(self._store)
        twin = type(self)(store, self._bucket, self._sequence, self._revision, self._refusal)
        twin._silent_until = self._silent_until
        twin._known = self._known
        twin._passed = self._passed.copy()
        return twin
