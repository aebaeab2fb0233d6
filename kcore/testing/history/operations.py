"""Every answer against the timeline: right for its revision, and its revision possible in time."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any

from kcore.testing.history.records import History, Message, Operation, Violation
from kcore.testing.history.semantics import State, apply, holds, kvs_of, without_headers
from kcore.testing.history.timeline import Timeline, written_values


class OperationCheck:
    """Checks the operations of one history; one violation an operation at most."""

    def __init__(self, history: History, timeline: Timeline) -> None:
        self._history = history
        self._timeline = timeline
        self._written = written_values(history)
        self._called = {revision: writer.called for revision, writer in timeline.writers.items()}
        believed = [one for one in history.operations if self._is_believable(one)]
        self._reported = _Reported(believed)

    def violations(self) -> Iterator[Violation]:
        """In the order of the operations. O(operations * (log operations + keys))."""
        for operation in self._history.operations:
            if operation.result is not None:
                violation = self._violation(operation, operation.result)
                if violation is not None:
                    yield violation

    def _is_believable(self, operation: Operation) -> bool:
        """Whether what the operation reports can be held against others."""
        answer = operation.result
        if answer is None or operation in self._timeline.false_claims:
            return False
        return self._future(operation, answer, int(answer["header"]["revision"])) is None

    def _violation(self, operation: Operation, answer: Message) -> Violation | None:
        revision = int(answer["header"]["revision"])
        invented = self._invented(answer)
        if invented is not None:
            return _at(operation, "value_never_written", f"shows {invented}, which nobody wrote")
        if operation in self._timeline.false_claims:
            return self._false_claim(operation, answer, revision)
        future = self._future(operation, answer, revision)
        if future is not None:
            return _at(operation, "read_from_the_future", future)
        expected = self._expected(operation, answer, revision)
        if expected is None:
            return _at(operation, "revision_never_reached", f"no write made revision {revision}")
        right = without_headers(expected) == without_headers(answer)
        known = self._reported.before(operation.called)
        if revision < known and not _is_serializable(operation):
            kind = "stale_read" if right and operation.kind == "range" else "revision_backwards"
            why = f"answers as of revision {revision}, though {known} had been reported before"
            return _at(operation, kind, why)
        return None if right else self._wrong(operation, expected, answer, revision)

    def _expected(
        self, operation: Operation, answer: Message, revision: int
    ) -> dict[str, Any] | None:
        """The lawful answer: in the state before its own write, or in the state it reports."""
        wrote = self._timeline.writers.get(revision) is operation
        asked = operation.request.get("revision", 0) if operation.kind == "range" else 0
        state = self._timeline.state(revision - 1 if wrote else asked or revision)
        if state is None:
            return None
        effect = apply(operation.kind, operation.request, state, revision)
        return effect.answer

    def _false_claim(self, operation: Operation, answer: Message, revision: int) -> Violation:
        before = self._timeline.state(revision - 1) or {}
        compares = operation.request.get("compare", ()) if operation.kind == "txn" else ()
        if answer.get("succeeded") and not all(holds(one, before) for one in compares):
            why = f"succeeds though its comparison is false before revision {revision}"
            return _at(operation, "both_updates_succeed", f"{why}, which is another write's")
        why = f"reports revision {revision}, which is another write's"
        return _at(operation, "revision_used_twice", why)

    def _invented(self, answer: Message) -> str | None:
        for kv in kvs_of(answer):
            pair = kv.get("key", ""), kv.get("value", "")
            if "value" in kv and pair not in self._written:
                return f"{pair[1]!r} at {pair[0]!r}"
        return None

    def _future(self, operation: Operation, answer: Message, revision: int) -> str | None:
        """A write that was called only after this operation had returned, yet shows in it."""
        returned = operation.returned
        shown = [revision, *(kv["mod_revision"] for kv in kvs_of(answer))]
        for one in shown:
            called = self._called.get(one)
            if called is not None and returned is not None and called > returned:
                return f"had returned before the write of revision {one} was called"
        return None

    def _wrong(
        self, operation: Operation, expected: Message, answer: Message, revision: int
    ) -> Violation:
        """Which law a wrong answer breaks: the first that explains the difference."""
        if expected.get("prev_kv") != answer.get("prev_kv"):
            why = f"its previous value is not the one that revision {revision} replaced"
            return _at(operation, "wrong_previous_value", why)
        if expected.get("prev_kvs") != answer.get("prev_kvs"):
            why = f"its previous values are not those that revision {revision} deleted"
            return _at(operation, "wrong_previous_value", why)
        state = self._timeline.state(revision) or {}
        undone = [kv["key"] for kv in kvs_of(answer) if kv["key"] not in state]
        if undone:
            why = f"shows {undone[0]}, which does not exist at revision {revision}"
            return _at(operation, "delete_undone", why)
        if _is_torn(answer, state, revision):
            why = f"shows one key before and others after a write up to revision {revision}"
            return _at(operation, "torn_transaction", why)
        return _at(operation, "wrong_answer", f"is not what revision {revision} holds")


class _Reported:
    """The highest revision that had been reported to anybody, as a function of time."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        reports = [
            (operation.returned, operation.revision)
            for operation in operations
            if operation.returned is not None and operation.revision is not None
        ]
        reports.sort()
        self._times = [time for time, _ in reports]
        self._highest: list[int] = []
        highest = 0
        for _, revision in reports:
            highest = max(highest, revision)
            self._highest.append(highest)

    def before(self, time: float) -> int:
        """The highest revision in an answer that came before `time`. O(log n)."""
        count = bisect_left(self._times, time)
        return self._highest[count - 1] if count else 0


def _is_torn(answer: Message, state: State, revision: int) -> bool:
    """Whether some of the shown keys are as at `revision` and some are older."""
    shown = list(kvs_of(answer))
    old = [kv for kv in shown if kv != state.get(kv["key"])]
    return 0 < len(old) < len(shown) or (bool(old) and len(state) > len(old))


def _is_serializable(operation: Operation) -> bool:
    return operation.kind == "range" and bool(operation.request.get("serializable"))


def _at(operation: Operation, kind: str, why: str) -> Violation:
    what = {"delete_range": "delete"}.get(operation.kind, operation.kind)
    return Violation(kind, f"the {what} {why}", operation=operation.index)
