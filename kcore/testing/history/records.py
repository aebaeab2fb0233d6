"""What clients recorded, in the words of etcd's API.

Requests and answers are JSON objects with the field names of etcd's `rpc.proto`, zero values left
out; keys and values are strings. Times are positions on one clock that all clients share: an
operation that returned before another was called has the smaller number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: `put`, `range`, `delete_range` or `txn`.

    `result` and `returned` None: the client gave up, and the call took effect at any time after
    it was made, or never.
    """

    index: int
    client: int
    kind: str
    request: Message
    called: float
    returned: float | None
    result: Message | None

    @property
    def revision(self) -> int | None:
        """The revision that the answer reports."""
        return None if self.result is None else int(self.result["header"]["revision"])


@dataclass(frozen=True, slots=True)
class Watch:
    """One watch: its create request and the responses in the order in which they came."""

    index: int
    called: float
    request: Message
    responses: Sequence[Message]


@dataclass(frozen=True, slots=True)
class History:
    """Everything that was recorded of one run against a store that was empty at revision 1.

    `compacted` is the revision up to which the store was compacted in the end, 0 for never: events
    right after it may lack their previous value.
    """

    operations: tuple[Operation, ...]
    watches: tuple[Watch, ...]
    compacted: int = 0

    @classmethod
    def from_dict(cls, data: Message) -> "History":
        """Read `{"ops": [...], "watches": [...], "compacted": 7}`; the last two may be absent.

        Raises:
            KeyError, ValueError: a field is missing, or an operation is unknown.
        """
        operations = []
        for index, entry in enumerate(data["ops"]):
            ((kind, request),) = entry["op"].items()
            if kind not in ("put", "range", "delete_range", "txn"):
                raise ValueError(f"ops[{index}]: unknown operation {kind!r}")
            operations.append(
                Operation(
                    index,
                    entry.get("client", 0),
                    kind,
                    request,
                    entry["call"],
                    entry["return"],
                    entry["result"],
                )
            )
        watches = [
            Watch(index, entry["call"], entry["create_request"], entry["responses"])
            for index, entry in enumerate(data.get("watches", ()))
        ]
        return cls(tuple(operations), tuple(watches), int(data.get("compacted", 0)))


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that no lawful store does. `operation`, or `watch` and `response`, say where."""

    kind: str
    reason: str
    operation: int | None = None
    watch: int | None = None
    response: int | None = None

    @property
    def where(self) -> dict[str, int]:
        """The place as a JSON object: `{"op": 3}` or `{"watch": 0, "response": 7}`."""
        if self.operation is not None:
            return {"op": self.operation}
        assert self.watch is not None  # It is about one or the other.
        assert self.response is not None
        return {"response": self.response, "watch": self.watch}
