from collections.abc import Iterable, Mapping
from typing import Any, Final

from typing_extensions import disjoint_base

ANY_OF: Final[int]
NONE_OF: Final[int]
PRESENT: Final[int]
ABSENT: Final[int]
ABOVE: Final[int]
BELOW: Final[int]

@disjoint_base
class Matcher:
    def __init__(self, conditions: Iterable[tuple[str, int, Iterable[str]]]) -> None: ...
    def matches(self, labels: Mapping[str, Any] | None, /) -> bool: ...
