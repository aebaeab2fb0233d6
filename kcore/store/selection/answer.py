"""What an index answers to two selectors: ids, and once they were needed their keys in order."""

from kcore.machinery.postings import Bitmap
from kcore.store.selection.ids import Ids


class Answer:
    """Ids of one index. Immutable, but for what is remembered of how they were read."""

    __slots__ = ("_keys", "bitmap", "ids", "is_exact", "walked_count")

    def __init__(self, ids: Ids, bitmap: Bitmap, is_exact: bool) -> None:
        self.ids = ids
        """Whose numbers these are."""
        self.bitmap = bitmap
        self.is_exact = is_exact
        """Whether all of them are selected; otherwise some are not, and must be asked."""
        self.walked_count = 0
        """How many keys were walked over to meet these, in all readings."""
        self._keys: list[str] | None = None

    @property
    def has_keys(self) -> bool:
        """Whether the keys were put in order before. O(1)."""
        return self._keys is not None

    @property
    def keys(self) -> list[str]:
        """The keys in order. O(m log m) the first time."""
        keys = self._keys
        if keys is None:
            keys = self._keys = self.ids.in_key_order(self.bitmap)
        return keys
