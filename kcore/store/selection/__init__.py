"""Label and field selectors over a bucket, answered by postings. Knows no kind.

    index = store.selection_index("pods", FACETS)            # or at a revision, or of a fork
    plan = index.plan(parse_selector("env=prod,!canary"))
    bitmap = plan.bitmap(index.ids.live)
    selected = Selected(store.view("pods"), index.ids, bitmap, plan.is_exact)
    selected.page(limit=500)

The opposite question, which selectors select an object, is `kcore.machinery.labels.SelectorIndex`.
"""

from kcore.store.selection.facets import Facets
from kcore.store.selection.ids import Ids
from kcore.store.selection.planner import Plan
from kcore.store.selection.selected import Selected
from kcore.store.selection.selection_index import SelectionIndex
from kcore.store.selection.selection_line import SelectionLine

__all__ = ["Facets", "Ids", "Plan", "Selected", "SelectionIndex", "SelectionLine"]
