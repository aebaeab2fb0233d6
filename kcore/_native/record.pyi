from typing import Any, Final

FIELD_COUNT_MAX: Final[int]

def quicken(type: type[Any], names: tuple[str, ...], defaults: tuple[Any, ...], /) -> None: ...
