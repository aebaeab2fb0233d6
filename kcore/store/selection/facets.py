"""What of a value can be selected by: its labels and some of its fields.

The store knows no kinds; who does says where they are. Functions are pure and live at module level,
since forks share them, and one `Facets` value per bucket is made once: it is known by identity.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kcore.machinery.frozen import FrozenMap
from kcore.store.index import IndexFunction

LabelsFunction = Callable[[FrozenMap], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True, eq=False)
class Facets:
    """Where the labels of a value are, and which fields are indexed.

    A field gives every text that `field=text` selects the value by: one for most fields, "" for
    one that is unset; several for lists such as the uids of owners; none is selected by no text.
    """

    labels: LabelsFunction
    fields: Mapping[str, IndexFunction]
