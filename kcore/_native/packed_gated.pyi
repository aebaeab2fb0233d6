from collections.abc import Callable, Sequence
from typing import Any

from typing_extensions import disjoint_base

@disjoint_base
class GatedPeak:
    count: int
    visited: int
    next_start: int
    def __init__(
        self,
        size: int,
        gates: Sequence[tuple[Any, Any, int, int, bool]],
        levels: Sequence[tuple[Any, Any, Any, int, int]] = (),
        wishes: tuple[
            tuple[Any, ...],
            tuple[tuple[Any, Any, int, float, bool], ...],
            int,
            Callable[[int], float],
        ]
        | None = None,
    ) -> None: ...
    def find(self, marks: Any, start: int, wanted: int) -> int: ...
    def row(self, turn: int) -> int: ...
