"""What a store writes and remembers: the readable twin of the `ledger` kernel.

Entries and their log stand in `ledger_log`, the upkeep of indexes in `ledger_contents`, the words
of transactions in `ledger_words`, the calls a store is asked most in `ledger_store`, its watchers
in `ledger_cursor`; `ledger_journal`, `ledger_press` and `ledger_amend` write to it and
tell of it.
"""

from kcore._native.reference.ledger_amend import Amendment
from kcore._native.reference.ledger_contents import ContentsCore, posting_key
from kcore._native.reference.ledger_cursor import CursorCore
from kcore._native.reference.ledger_journal import Journal
from kcore._native.reference.ledger_log import CHUNK_COUNT, Entry, Event, Log, delete, put
from kcore._native.reference.ledger_press import Press
from kcore._native.reference.ledger_store import BucketCore, StoreCore
from kcore._native.reference.ledger_words import Compare, Delete, Get, Put, TxnResult

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
    "Journal",
    "Log",
    "Press",
    "Put",
    "StoreCore",
    "TxnResult",
    "delete",
    "posting_key",
    "put",
]
