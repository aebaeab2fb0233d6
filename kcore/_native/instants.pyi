from typing import Self

from typing_extensions import disjoint_base

@disjoint_base
class Instants:
    def name(self, prefix: str, now_ns: int) -> str: ...
    def copy(self) -> Self: ...
