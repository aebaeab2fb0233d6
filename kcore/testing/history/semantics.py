"""What etcd answers to one call in one state: slow, obvious, and independent of kcore's store."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from kcore.testing.history.records import Message

State = Mapping[str, Message]
"""Live keys with their key-value messages."""

_UNMODELLED: Final = frozenset(
    (
        "sort_order",
        "sort_target",
        "min_mod_revision",
        "max_mod_revision",
        "min_create_revision",
        "max_create_revision",
        "lease",
        "ignore_value",
        "ignore_lease",
    )
)
_COMPARED: Final = {
    "VERSION": "version",
    "CREATE": "create_revision",
    "MOD": "mod_revision",
    "VALUE": "value",
}


def in_range(key: str, start: str, end: str) -> bool:
    r"""Whether a key lies in an interval as requests write it.

    No end: the one key. End "\\0": everything from start on.
    """
    if not end:
        return key == start
    return start <= key and (end == "\0" or key < end)


def keys_in(state: State, request: Message) -> list[str]:
    """Live keys of a request's interval, ascending."""
    start, end = request.get("key", ""), request.get("range_end", "")
    return sorted(key for key in state if in_range(key, start, end))


@dataclass(slots=True)
class Effect:
    """A call applied to a state: the answer, and what was written (None: deleted)."""

    answer: dict[str, Any]
    state: dict[str, Message]
    writes: dict[str, Message | None] = field(default_factory=dict)


def apply(kind: str, request: Message, state: State, revision: int) -> Effect:
    """The call in `state`; what it writes is written at `revision`.

    The answer's header is left out: its revision is `revision` if anything was written.

    Raises:
        NotImplementedError: the request uses an option that is not part of this model.
    """
    effect = Effect({}, dict(state))
    effect.answer = _run(kind, request, effect, revision)
    return effect


def _run(kind: str, request: Message, effect: Effect, revision: int) -> dict[str, Any]:
    unmodelled = sorted(name for name in request if name in _UNMODELLED)
    if unmodelled:
        raise NotImplementedError(f"{kind} with {', '.join(unmodelled)}")
    match kind:
        case "put":
            return _put(request, effect, revision)
        case "range":
            return _range(request, effect.state)
        case "delete_range":
            return _delete(request, effect)
    return _txn(request, effect, revision)


def _put(request: Message, effect: Effect, revision: int) -> dict[str, Any]:
    key = request.get("key", "")
    old = effect.state.get(key)
    new = {
        "key": key,
        "create_revision": revision if old is None else old["create_revision"],
        "mod_revision": revision,
        "version": 1 if old is None else old["version"] + 1,
    }
    if request.get("value"):
        new["value"] = request["value"]
    effect.state[key] = effect.writes[key] = new
    return {"prev_kv": old} if request.get("prev_kv") and old is not None else {}


def _range(request: Message, state: State) -> dict[str, Any]:
    keys = keys_in(state, request)
    answer: dict[str, Any] = {"count": len(keys)} if keys else {}
    if request.get("count_only"):
        return answer
    limit = request.get("limit", 0)
    shown = keys[:limit] if limit else keys
    if len(shown) < len(keys):
        answer["more"] = True
    if shown:
        dropped = ("value",) if request.get("keys_only") else ()
        answer["kvs"] = [
            {name: value for name, value in state[key].items() if name not in dropped}
            for key in shown
        ]
    return answer


def _delete(request: Message, effect: Effect) -> dict[str, Any]:
    keys = keys_in(effect.state, request)
    gone = [effect.state.pop(key) for key in keys]
    effect.writes.update(dict.fromkeys(keys))
    answer: dict[str, Any] = {"deleted": len(keys)} if keys else {}
    if gone and request.get("prev_kv"):
        answer["prev_kvs"] = gone
    return answer


def _txn(request: Message, effect: Effect, revision: int) -> dict[str, Any]:
    succeeded = all(holds(compare, effect.state) for compare in request.get("compare", ()))
    answer: dict[str, Any] = {"succeeded": True} if succeeded else {}
    responses = []
    for operation in request.get("success" if succeeded else "failure", ()):
        ((name, inner),) = operation.items()
        kind = name.removeprefix("request_")
        result = _run(kind, inner, effect, revision)
        responses.append({f"response_{kind}": result})
    if responses:
        answer["responses"] = responses
    return answer


def holds(compare: Message, state: State) -> bool:
    """Whether one comparison of a transaction is true; absent keys have zeros and no value."""
    if compare.get("range_end"):
        raise NotImplementedError("a comparison of a range")
    name = _COMPARED[compare.get("target", "VERSION")]
    zero: Any = "" if name == "value" else 0
    kv = state.get(compare.get("key", ""))
    if kv is None and name == "value":
        return False
    found, wanted = (kv or {}).get(name, zero), compare.get(name, zero)
    match compare.get("result", "EQUAL"):
        case "EQUAL":
            return bool(found == wanted)
        case "NOT_EQUAL":
            return bool(found != wanted)
        case "GREATER":
            return bool(found > wanted)
    return bool(found < wanted)


def without_headers(answer: Any) -> Any:
    """An answer without the headers that it and the answers inside it carry."""
    if isinstance(answer, Mapping):
        return {name: without_headers(one) for name, one in answer.items() if name != "header"}
    if isinstance(answer, list):
        return [without_headers(one) for one in answer]
    return answer


def kvs_of(answer: Message) -> Iterator[Message]:
    """Every key-value that an answer shows, previous ones too."""
    for name in ("kvs", "prev_kvs"):
        yield from answer.get(name, ())
    if answer.get("prev_kv"):
        yield answer["prev_kv"]
    for response in answer.get("responses", ()):
        for inner in response.values():
            yield from kvs_of(inner)


def put_values(kind: str, request: Message) -> Iterator[tuple[str, str]]:
    """(key, value) of every put that a call may make."""
    if kind == "put":
        yield request.get("key", ""), request.get("value", "")
    elif kind == "txn":
        for branch in ("success", "failure"):
            for operation in request.get(branch, ()):
                for name, inner in operation.items():
                    yield from put_values(name.removeprefix("request_"), inner)
