from typing import Any, Final, TypeVar

_Record = TypeVar("_Record")

FIELD_COUNT_MAX: Final[int]

def quicken(type: type[Any], names: tuple[str, ...], defaults: tuple[Any, ...], /) -> None: ...
def changed(record: _Record, /, **slots: object) -> _Record: ...
