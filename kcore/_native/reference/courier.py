"""A step machine that brings changes to those who wait for them: a part of the `turns` kernel.

Nearly every turn of a world is the turn of one of these, or asks one of them whether it is ready.
The class of informers builds on this. It opens the stream, and is called for what is rare.
"""

from typing import TYPE_CHECKING, Any


class Courier:
    """Brings the changes of a stream to handlers, one a step.

    A stream says whether something is `pending` and gives the next `change`: a key, a value and a
    previous value, of which one may be None.

    Args:
        faults: has patterns that are `held`, in the same list all the time, and says whether a
            watch `is_held`.
        watch: what `faults` calls the stream.
        lister: what it has `seen` of the stream's state is over with the next change.
        refusal: what a stream raises that cannot go on.
    """

    __slots__ = ("_faults", "_handlers", "_held", "_lister", "_refusal", "_stream", "_watch")

    if TYPE_CHECKING:  # What the informer adds.

        def _may_list(self) -> bool: ...
        def _list(self) -> str: ...
        def _refused(self, error: Any) -> str: ...

    def __init__(self, faults: Any, watch: str, lister: Any, refusal: type[Exception]) -> None:
        self._faults = faults
        self._held: list[str] = faults.held
        self._watch = watch
        self._lister = lister
        self._refusal = refusal
        self._stream: Any = None
        self._handlers: list[Any] = []

    def ready(self) -> bool:
        """Whether there is something to deliver and no fault holds it back. O(held patterns)."""
        if self._stream is None:
            return self._may_list()
        if not self._stream.pending():
            return False
        return not (self._held and self._faults.is_held(self._watch))

    def asleep(self) -> bool:
        """Whether it waits for a write. One whose watch is held back waits for a release."""
        return self._stream is not None and not self._stream.pending()

    def step(self) -> str:
        """Deliver one change, or list when there is no stream yet; which, in a few words."""
        if self._stream is None:
            return self._list()
        try:
            change = self._stream.change()
        except self._refusal as error:
            return self._refused(error)
        if change is None:
            return "nothing to deliver"
        self._lister.seen = None
        new, old = change.value, change.previous_value
        if new is None:
            kind = "DELETED"
            for handler in self._handlers:
                handler.on_delete(old)
        elif old is None:
            kind = "ADDED"
            for handler in self._handlers:
                handler.on_add(new)
        else:  # Of one object: between two of the same key there is a deletion.
            kind = "MODIFIED"
            for handler in self._handlers:
                handler.on_update(old, new)
        return f"{kind} {change.key.removeprefix('/')}"
