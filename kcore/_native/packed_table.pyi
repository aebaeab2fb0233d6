from collections.abc import Sequence
from typing import Any, Self

from typing_extensions import disjoint_base

@disjoint_base
class Table:
    row_count: int
    resource_count: int
    odd_count: int
    arrangement: int
    def __init__(self, resource_count: int = 3) -> None: ...
    @property
    def change_count(self) -> int: ...
    def add_resource(self, capacity: Sequence[int], used: Sequence[int]) -> int: ...
    def rearrange(self, sources: Any) -> None: ...
    def set(
        self,
        row: int,
        slots: tuple[int, int],
        amounts: Sequence[tuple[int, int]],
        weighed: tuple[int, int],
    ) -> None: ...
    def set_all(
        self,
        rows: list[int],
        capacities: list[tuple[int, ...]],
        taken: list[int],
        sums: list[tuple[int, ...]],
    ) -> None: ...
    def use(self, row: int, taken: int, sums: tuple[int, ...]) -> None: ...
    def follow(
        self, items: list[Any], shelf: Any, observers: Sequence[Any]
    ) -> list[int] | None: ...
    def row(
        self, row: int
    ) -> tuple[tuple[int, int], tuple[tuple[int, int], ...], tuple[int, int]]: ...
    def column(self, name: str, index: int) -> Any: ...
    def counts(self) -> tuple[Any, Any]: ...
    def copy(self) -> Self: ...
