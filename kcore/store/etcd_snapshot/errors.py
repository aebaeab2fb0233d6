"""What is wrong with a snapshot file, and where."""

from kcore.store.revision import StoreError


class SnapshotError(StoreError):
    """The file is no snapshot, or is damaged at byte `offset`; nothing was loaded."""

    def __init__(self, rule: str, offset: int) -> None:
        super().__init__(f"byte {offset}: {rule}")
        self.rule = rule
        self.offset = offset
