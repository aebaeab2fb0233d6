"""The one order of writes behind a history, reconstructed from what clients and watchers saw.

Every answer carries a revision, so the order need not be searched for: an operation that says it
wrote has a claim to its revision. Where two claim the same one, and where nobody who got an answer
does, events and shown key-values decide; calls without an answer fill what is left.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kcore.testing.history.records import History, Message, Operation
from kcore.testing.history.semantics import Effect, State, apply, kvs_of, put_values

_Evidence = dict[str, str | None]
"""Keys of one revision with the value that somebody saw written (None: deleted)."""


@dataclass(slots=True)
class Timeline:
    """States by revision, who wrote each revision, and claims that cannot be true."""

    states: list[dict[str, Message]] = field(default_factory=lambda: [{}, {}])
    writers: dict[int, Operation] = field(default_factory=dict)
    effects: dict[int, Effect] = field(default_factory=dict)
    false_claims: list[Operation] = field(default_factory=list)

    @property
    def last_revision(self) -> int:
        """The newest revision known."""
        return len(self.states) - 1

    def state(self, revision: int) -> State | None:
        """Live keys after `revision`, or None if the history does not reach it."""
        return self.states[revision] if 0 <= revision < len(self.states) else None

    def writes(self, revision: int) -> dict[str, Message | None]:
        """What was written at `revision`, by key."""
        effect = self.effects.get(revision)
        return {} if effect is None else effect.writes


def reconstruct(history: History) -> Timeline:
    """The timeline of a history. O(operations + events + revisions * keys)."""
    return _Reconstruction(history).run()


class _Reconstruction:
    def __init__(self, history: History) -> None:
        self._history = history
        self._timeline = Timeline()
        self._claims: dict[int, list[Operation]] = defaultdict(list)
        self._unanswered = [one for one in history.operations if one.result is None]
        for operation in history.operations:
            if operation.result is not None and claims_a_write(operation.kind, operation.result):
                self._claims[_revision(operation)].append(operation)
        events, shown = list(_events(history)), list(_shown(history))
        self._delivered = _evidence(history, events)
        self._evidence = _evidence(history, [*events, *shown])

    def run(self) -> Timeline:
        timeline = self._timeline
        last = max((*self._claims, *self._evidence), default=1)
        for revision in range(2, last + 1):
            effect, writer = self._chosen(revision)
            timeline.states.append(effect.state)
            timeline.effects[revision] = effect
            if writer is not None:
                timeline.writers[revision] = writer
                if writer in self._unanswered:
                    self._unanswered.remove(writer)
        return timeline

    def _chosen(self, revision: int) -> tuple[Effect, Operation | None]:
        """Who wrote this revision: a claimant, a call without answer, or somebody unknown."""
        state = self._timeline.states[-1]
        claims = self._claims.get(revision, [])
        # Who alone says that it wrote this is believed before reads, but not before watches.
        believed = self._delivered if len(claims) == 1 else self._evidence
        seen = believed.get(revision, {})
        chosen = self._first(claims, state, revision, seen)
        if chosen is None:
            chosen = self._first(self._unanswered, state, revision, seen)
        if chosen is None and len(claims) == 1:
            chosen = apply(claims[0].kind, claims[0].request, state, revision), claims[0]
        if chosen is None:
            effect, writer = _from_evidence(state, revision, seen), None
        else:
            effect, writer = chosen
        self._timeline.false_claims.extend(one for one in claims if one is not writer)
        return effect, writer

    def _first(
        self, operations: Iterable[Operation], state: State, revision: int, seen: _Evidence
    ) -> tuple[Effect, Operation] | None:
        """The first operation whose effect is what was seen and that answered truthfully."""
        fitting = []
        for operation in operations:
            effect = apply(operation.kind, operation.request, state, revision)
            if effect.writes and _agrees(effect, seen):
                fitting.append((effect, operation))
        for effect, operation in fitting:
            if operation.result is None or _same_branch(operation, effect):
                return effect, operation
        return None


def claims_a_write(kind: str, answer: Message) -> bool:
    """Whether an answer says that something was written."""
    if kind == "put":
        return True
    if kind == "delete_range":
        return bool(answer.get("deleted"))
    return any(
        claims_a_write(name.removeprefix("response_"), inner)
        for response in answer.get("responses", ())
        for name, inner in response.items()
    )


def _revision(operation: Operation) -> int:
    revision = operation.revision
    assert revision is not None  # It has an answer.
    return revision


def _same_branch(operation: Operation, effect: Effect) -> bool:
    answer = operation.result
    assert answer is not None
    return bool(answer.get("succeeded")) == bool(effect.answer.get("succeeded"))


def _agrees(effect: Effect, seen: _Evidence) -> bool:
    for key, value in seen.items():
        if key not in effect.writes:
            return False
        written = effect.writes[key]
        if (None if written is None else written.get("value", "")) != value:
            return False
    return True


def _from_evidence(state: State, revision: int, seen: _Evidence) -> Effect:
    """What watchers saw, though no operation of the history can have done it."""
    effect = Effect({}, dict(state))
    for key, value in seen.items():
        if value is None:
            effect.state.pop(key, None)
            effect.writes[key] = None
        else:
            put = apply("put", {"key": key, "value": value}, effect.state, revision)
            effect.state = put.state
            effect.writes[key] = put.writes[key]
    return effect


def _evidence(
    history: History, sights: Iterable[tuple[int, str, str | None]]
) -> dict[int, _Evidence]:
    """What was seen written at each revision; of contradicting sights, the most frequent."""
    votes: dict[int, dict[str, dict[str | None, int]]] = defaultdict(lambda: defaultdict(dict))
    written = written_values(history)
    for revision, key, value in sights:
        if value is not None and (key, value) not in written:
            continue  # Nobody can have seen that; who says so is found out elsewhere.
        found = votes[revision][key]
        found[value] = found.get(value, 0) + 1
    return {
        revision: {key: max(values, key=lambda one: values[one]) for key, values in keys.items()}
        for revision, keys in votes.items()
    }


def _events(history: History) -> Iterator[tuple[int, str, str | None]]:
    for watch in history.watches:
        for response in watch.responses:
            for event in response.get("events", ()):
                kv: Any = event["kv"]
                deleted = event.get("type") == "DELETE"
                yield (
                    kv["mod_revision"],
                    kv.get("key", ""),
                    None if deleted else kv.get("value", ""),
                )


def _shown(history: History) -> Iterator[tuple[int, str, str | None]]:
    """Key-values in answers; without their values they prove nothing."""
    for operation in history.operations:
        for kv in kvs_of(operation.result or {}):
            if "value" in kv:
                yield kv["mod_revision"], kv.get("key", ""), kv["value"]


def written_values(history: History) -> frozenset[tuple[str, str]]:
    """(key, value) of every put that was asked for."""
    return frozenset(
        pair
        for operation in history.operations
        for pair in put_values(operation.kind, operation.request)
    )
