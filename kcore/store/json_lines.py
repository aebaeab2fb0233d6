r"""Objects as JSON lines: one value a line, nothing else, for `jq`, `grep` and other programs.

    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a",...},...}
    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"b",...},...}

Buckets come in order of their names and keys in order, hence equal states give equal bytes. Unlike
a dump (`kcore.store.dump`) a line does not say where it was kept, or how often it was written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from kcore.machinery.frozen import FrozenMap, JSONError, dumps, loads
from kcore.store.mvcc import Store
from kcore.store.revision import StoreError


class LineError(StoreError):
    """A line cannot be read; `line` counts from 1, `offset` is where it begins in bytes."""

    def __init__(self, rule: str, line: int, offset: int) -> None:
        super().__init__(f"line {line}, byte {offset}: {rule}")
        self.line = line
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Line:
    """One object and where it stands."""

    number: int
    offset: int
    value: FrozenMap


def write_lines(store: Store, stream: BinaryIO) -> int:
    """Write every live value; returns how many. O(bytes)."""
    count = 0
    for bucket in sorted(store.buckets()):
        for entry in store.view(bucket).range():
            stream.write(dumps(entry.value) + b"\n")
            count += 1
    return count


def read_lines(stream: BinaryIO) -> Iterator[Line]:
    """Objects in order; empty lines are skipped. O(bytes).

    Raises:
        LineError: a line is no JSON object.
    """
    offset = 0
    for number, text in enumerate(stream, start=1):
        if text.strip():
            yield Line(number, offset, _parsed(text, number, offset))
        offset += len(text)


def _parsed(text: bytes, number: int, offset: int) -> FrozenMap:
    try:
        value = loads(text)
    except (JSONError, ValueError) as error:
        raise LineError(f"no JSON: {error}", number, offset) from error
    if not isinstance(value, FrozenMap):
        raise LineError("no JSON object", number, offset)
    return value
