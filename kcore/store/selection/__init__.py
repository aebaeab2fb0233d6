"""Label and field selectors over a bucket, answered by postings. Knows no kind.

    view = store.view("pods")                   # or at a revision, or of a fork
    found = store.selections("pods").select(FACETS, view, parse_selector("env=prod,!canary"))
    found.bitmap, len(found), found.page(limit=500), iter(found)

The opposite question, which objects select some labels:

    line = store.selections("services")
    line.selecting(RULE, store.view("services")).matching({"app": "web"}, "default")

And which watchers a change is of interest to: `interests`.
"""

from kcore.store.selection.answer import Answer
from kcore.store.selection.facets import Facets
from kcore.store.selection.ids import Ids
from kcore.store.selection.interests import Interest, Interests, Term, Wish
from kcore.store.selection.planner import Plan
from kcore.store.selection.selected import Selected
from kcore.store.selection.selecting_index import Selecting
from kcore.store.selection.selection_index import SelectionIndex
from kcore.store.selection.selection_line import SelectionLine

__all__ = [
    "Answer",
    "Facets",
    "Ids",
    "Interest",
    "Interests",
    "Plan",
    "Selected",
    "Selecting",
    "SelectionIndex",
    "SelectionLine",
    "Term",
    "Wish",
]
