"""What a key holds, what happened to it, how both are written: the door to the ledger kernel.

A `History` is a log of one bucket's events that forgets its oldest part. Events are numbered from
0 by their place (their *sequence*); a cursor is such a number. Of what is older than the log the
last revision is remembered: states before it cannot be rebuilt.
"""

from typing import TYPE_CHECKING

from kcore import _native

if TYPE_CHECKING:
    from kcore._native.reference import ledger
    from kcore._native.reference.ledger import CHUNK_COUNT, ContentsCore, Delete, Get, posting_key
    from kcore.machinery.frozen import FrozenMap

    Amendment = ledger.Amendment[FrozenMap]
    BucketCore = ledger.BucketCore[FrozenMap]
    Compare = ledger.Compare[FrozenMap]
    CursorCore = ledger.CursorCore[FrozenMap]
    Entry = ledger.Entry[FrozenMap]
    Event = ledger.Event[FrozenMap]
    History = ledger.Log[FrozenMap]
    Journal = ledger.Journal[FrozenMap]
    Press = ledger.Press[FrozenMap]
    Put = ledger.Put[FrozenMap]
    StoreCore = ledger.StoreCore[FrozenMap]
    TxnResult = ledger.TxnResult[FrozenMap]
else:
    _ledger = _native.ledger
    CHUNK_COUNT = _ledger.CHUNK_COUNT
    BucketCore, ContentsCore = _ledger.BucketCore, _ledger.ContentsCore
    CursorCore, StoreCore = _ledger.CursorCore, _ledger.StoreCore
    Entry, Event, History = _ledger.Entry, _ledger.Event, _ledger.Log
    Compare, Put, Delete, Get = _ledger.Compare, _ledger.Put, _ledger.Delete, _ledger.Get
    TxnResult = _ledger.TxnResult
    Journal, Press, Amendment = _ledger.Journal, _ledger.Press, _ledger.Amendment
    posting_key = _ledger.posting_key

__all__ = [
    "CHUNK_COUNT",
    "Amendment",
    "BucketCore",
    "Compare",
    "ContentsCore",
    "CursorCore",
    "Delete",
    "Entry",
    "Event",
    "Get",
    "History",
    "Journal",
    "Press",
    "Put",
    "StoreCore",
    "TxnResult",
    "posting_key",
]
