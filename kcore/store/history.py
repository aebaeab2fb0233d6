"""What a key holds, what happened to it, and how both are written: the door to the ledger kernel.

A `History` is a log of one bucket's events that forgets its oldest part. Events are numbered from
0 by their place (their *sequence*); a cursor is such a number. Of what is older than the log the
last revision is remembered: states before it cannot be rebuilt.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

from kcore import _native
from kcore.machinery.frozen import FrozenMap
from kcore.store.tree import Tree

if TYPE_CHECKING:
    from kcore._native.reference import ledger
    from kcore._native.reference.ledger import CHUNK_COUNT

    Entry = ledger.Entry[FrozenMap]
    Event = ledger.Event[FrozenMap]
    History = ledger.Log[FrozenMap]
else:
    CHUNK_COUNT = _native.ledger.CHUNK_COUNT
    Entry, Event, History = _native.ledger.Entry, _native.ledger.Event, _native.ledger.Log

_Put = Callable[[Tree[Entry], History, str, FrozenMap, int, int | None], Entry | None]
_Delete = Callable[[Tree[Entry], History, str, int, int | None], Entry | None]

put: Final = cast("_Put", _native.ledger.put)
"""`put(entries, history, key, value, revision, expect)` writes into both, O(log n).

Returns the new entry; None, and nothing was written, where `expect` is given and the key is not at
that revision (0: absent).
"""

delete: Final = cast("_Delete", _native.ledger.delete)
"""`delete(entries, history, key, revision, expect)` likewise; returns what the key held."""

__all__ = ["CHUNK_COUNT", "Entry", "Event", "History", "delete", "put"]
