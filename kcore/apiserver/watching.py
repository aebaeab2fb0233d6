"""Watches: from changes of a bucket to events under a selector.

The law, per object, from whether its old and its new content are selected: (no, yes) ADDED with
the new content, (yes, yes) MODIFIED, (yes, no) DELETED with the *old* content at the revision of
the change, (no, no) nothing.
"""

from typing import TYPE_CHECKING, Self

from kcore.apiserver.endpoint import Endpoint
from kcore.apiserver.facets import labels_of
from kcore.apiserver.listing import NOT_OLDER_THAN, parse_revision, too_large
from kcore.apiserver.selection import Selection, select
from kcore.apiserver.storage import Storage
from kcore.apiserver.view import ObjectView
from kcore.apiserver.whole_watch import WholeWatch, gone, refusal, too_old
from kcore.forking import ForkMemo
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.request import ListOptions, Request, Response
from kcore.machinery.watch_event import (
    ADDED,
    BOOKMARK,
    MODIFIED,
    Drained,
    ObjectChange,
    WatchEvent,
    change_of,
    drained,
)
from kcore.store.revision import CompactedError, Event
from kcore.store.snapshot import BucketView
from kcore.store.watch import Cursor

if TYPE_CHECKING:
    from kcore.store.selection import Interest


def watch_objects(storage: Storage, endpoint: Endpoint, request: Request) -> Response:
    """Open a watch.

    * resourceVersion unset or "0": ADDED for everything there is, then changes;
    * a number: changes after it;
    * resourceVersionMatch=NotOlderThan without sendInitialEvents: changes after the present. This
      is how in-process informers start, whose cache is the stream's view;
    * sendInitialEvents: ADDED for everything, a bookmark, then changes.

    Raises:
        ApiError: 400, 410, 422 or 504.
    """
    options = request.list_options
    check_watch_options(options)
    selection = select(endpoint, request.namespace, options)
    revision = parse_revision(options.resource_version) if options.resource_version else 0
    current = storage.store.revision
    if options.resource_version_match == NOT_OLDER_THAN:
        if revision > current:
            raise too_large(revision, current)
        initial = options.send_initial_events
        bookmark = initial and options.allow_watch_bookmarks
        cursor = storage.store.watch(endpoint.bucket, refusal=refusal)
    else:
        initial, bookmark = revision == 0, False
        cursor = _cursor(storage, endpoint, revision)
    if selection.is_everything and not initial:
        return Response(200, stream=WholeWatch(cursor, selection))
    return Response(200, stream=ObjectWatch(cursor, selection, initial, bookmark))


def _cursor(storage: Storage, endpoint: Endpoint, revision: int) -> Cursor:
    try:
        return storage.store.watch(endpoint.bucket, revision or None, refusal)
    except CompactedError as error:
        raise too_old(revision, error.compact_revision) from None


class ObjectWatch:
    """A `WatchStream` over a store cursor, with a selection or with initial events.

    `_after_key` None: no initial events are left. Under a selector one matching event may have
    been looked up ahead (`_ready`, with the view before it), so that `pending` is exact. Which
    changes may match, the store notes for all watchers of a resource at once (`_interest`). When
    everything is selected, what follows the initial events is a `WholeWatch`.
    """

    __slots__ = (
        "_after_key",
        "_bookmark",
        "_cursor",
        "_initial",
        "_interest",
        "_ready",
        "_selection",
        "_whole",
    )

    def __init__(self, cursor: Cursor, selection: Selection, initial: bool, bookmark: bool) -> None:
        self._cursor = cursor
        self._selection = selection
        self._whole = WholeWatch(cursor, selection) if selection.is_everything else None
        self._initial: BucketView | None = cursor.view if initial else None
        self._after_key = selection.start_key
        self._bookmark = bookmark
        self._interest: Interest | None = None
        self._ready: tuple[WatchEvent, BucketView] | None = None

    @property
    def view(self) -> ObjectView:
        """The state at the last event handed out; the initial events are all part of it."""
        bucket = self._cursor.view if self._ready is None else self._ready[1]
        return ObjectView(bucket, self._selection)

    def pending(self) -> bool:
        """Whether `next` has something. O(1), and what a change costs that nobody looked at yet."""
        if self._ready is not None:
            return True
        if self._whole is not None and self._initial is None:
            return self._whole.pending()
        self._look_ahead()
        return self._ready is not None

    def next(self) -> WatchEvent | None:
        """The next change, or None when there is none yet.

        Raises:
            ApiError: 410, history no longer reaches back to this cursor.
        """
        if self._ready is None:
            if self._whole is not None and self._initial is None:
                return self._whole.next()
            self._look_ahead()
        ready, self._ready = self._ready, None
        return None if ready is None else ready[0]

    def change(self) -> ObjectChange | None:
        """The next change of an object without the words of a watch, or None.

        Raises:
            ApiError: 410, history no longer reaches back to this cursor.
        """
        if self._whole is not None and self._initial is None and self._ready is None:
            return self._whole.change()
        event = self.next()
        while event is not None and event.type == BOOKMARK:
            event = self.next()
        return None if event is None else change_of(event)

    def drain(self) -> Drained:
        """All that `change` would give.

        Raises:
            ApiError: as `change`.
        """
        return drained(self.change)

    def _look_ahead(self) -> None:
        """Find the next event for this watch, if there is one."""
        if self._initial is not None:
            event = self._next_initial(self._initial)
            if event is not None:
                self._ready = (event, self._cursor.view)
                return
        interest = self._interest
        if interest is None or not interest.is_kept:
            interest = self._interest = self._cursor.join(labels_of, self._selection.wish())
        cursor, has_passed = self._cursor, False
        while cursor.seek(labels_of, interest):
            if self._is_ready():
                return
            has_passed = True
        if has_passed:
            cursor.hold_view()

    def _is_ready(self) -> bool:
        """Pass over the next change; whether it is for this watch."""
        cursor = self._cursor
        change = cursor.peek()
        event = None if change is None else _under(self._selection, change)
        if event is not None:
            self._ready = (event, cursor.view)
        cursor.next()
        return event is not None

    def _next_initial(self, initial: BucketView) -> WatchEvent | None:
        for entry in initial.range(self._after_key, self._selection.end_key):
            self._after_key = entry.key + "\0"
            if not self._selection.has_selector or self._selection.matches(entry.value):
                return WatchEvent(ADDED, entry.value, entry.mod_revision)
        self._initial = None
        if not self._bookmark:
            return None
        self._bookmark = False
        return WatchEvent(BOOKMARK, self._bookmark_object(initial.revision), initial.revision)

    def _bookmark_object(self, revision: int) -> FrozenMap:
        endpoint = self._selection.endpoint
        bookmark: FrozenMap = freeze(
            {
                "apiVersion": endpoint.api_version,
                "kind": endpoint.kind,
                "metadata": {
                    "annotations": {"k8s.io/initial-events-end": "true"},
                    "resourceVersion": str(revision),
                },
            }
        )
        return bookmark

    def fork(self, memo: ForkMemo) -> Self:
        """The same position over the forked store."""
        twin = object.__new__(type(self))
        twin._cursor = self._cursor.fork(memo)  # Nobody else knows it.
        twin._selection = self._selection
        everything = self._whole is not None
        twin._whole = WholeWatch(twin._cursor, twin._selection) if everything else None
        twin._initial = self._initial
        twin._after_key = self._after_key
        twin._bookmark = self._bookmark
        twin._interest = None  # Known to the store that was forked.
        twin._ready = self._ready
        return twin


def _under(selection: Selection, event: Event) -> WatchEvent | None:
    """What a watch with a selector says about a change; None: nothing."""
    current = None if event.current is None else event.current.value
    previous = None if event.previous is None else event.previous.value
    now = current is not None and selection.matches(current)
    before = previous is not None and selection.matches(previous)
    if now and current is not None:
        return WatchEvent(MODIFIED if before else ADDED, current, event.revision, previous)
    if before and previous is not None:
        return gone(previous, event.revision)
    return None


def check_watch_options(options: ListOptions) -> None:
    """Refuse contradictions between the options of a watch.

    Raises:
        ApiError: 422 with upstream's causes.
    """
    errors = FieldErrors()
    path, match = "resourceVersionMatch", options.resource_version_match
    if options.continue_token:
        errors.forbidden(path, f"{path} is forbidden when continue is provided")
    if options.send_initial_events and match != NOT_OLDER_THAN:
        errors.forbidden(path, f"sendInitialEvents requires setting {path} to {NOT_OLDER_THAN}")
    if match and match != NOT_OLDER_THAN:
        if not options.send_initial_events:
            errors.forbidden(
                path, f"{path} is forbidden for watch unless sendInitialEvents is provided"
            )
        errors.not_supported(path, match, (NOT_OLDER_THAN,))
    if len(errors):
        raise errors.to_api_error("ListOptions", "meta.k8s.io", "")
