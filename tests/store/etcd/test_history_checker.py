"""The history checker on histories small enough to judge by hand."""

from typing import Any

import pytest

from kcore.testing.history.check import check_history
from kcore.testing.history.records import History


def put(call: float, back: float | None, value: str, revision: int | None, **extra: Any) -> Any:
    """A put of `a`; without revision the client gave up."""
    result = None if revision is None else {"header": {"revision": revision}, **extra}
    request = {"key": "a", "value": value}
    return {"call": call, "return": back, "op": {"put": request}, "result": result}


def read(call: float, back: float, reported: int, kv: Any = None, **options: Any) -> Any:
    """A read of `a`."""
    answer = {"count": 1, "kvs": [kv]} if kv else {}
    result = {"header": {"revision": reported}, **answer}
    return {
        "call": call,
        "return": back,
        "op": {"range": {"key": "a", **options}},
        "result": result,
    }


def kv(value: str, mod: int, create: int = 2, version: int = 1) -> Any:
    """What `a` holds."""
    return {
        "key": "a",
        "value": value,
        "mod_revision": mod,
        "create_revision": create,
        "version": version,
    }


def verdict(*ops: Any, watches: Any = ()) -> list[tuple[str, dict[str, int]]]:
    """Kinds and places of violations."""
    history = History.from_dict({"ops": list(ops), "watches": list(watches)})
    return [(one.kind, one.where) for one in check_history(history)]


def test_concurrent_operations_may_take_effect_in_either_order() -> None:
    """The read overlaps the put: it may see it or not."""
    write = put(1, 5, "x", 2)
    assert verdict(write, read(2, 4, 1)) == []
    assert verdict(write, read(2, 4, 2, kv("x", 2))) == []
    assert verdict(write, read(6, 7, 1)) == [("stale_read", {"op": 1})]


def test_a_serializable_read_may_be_stale_but_not_wrong() -> None:
    """It shows some state that was, not one that never was."""
    ops = [put(1, 2, "x", 2), put(3, 4, "y", 3)]
    assert verdict(*ops, read(5, 6, 2, kv("x", 2), serializable=True)) == []
    assert verdict(*ops, read(5, 6, 2, kv("y", 2), serializable=True)) == [
        ("wrong_answer", {"op": 2})
    ]


def test_a_call_without_answer_may_have_happened_or_not() -> None:
    """What others see decides."""
    lost = put(1, None, "x", None)
    assert verdict(lost, read(5, 6, 1)) == []
    assert verdict(lost, read(5, 6, 2, kv("x", 2))) == []
    assert verdict(lost, read(5, 6, 2, kv("x", 2)), put(7, 8, "y", 3)) == []
    assert verdict(lost, put(2, 3, "y", 3), read(5, 6, 3, kv("y", 3, 2, 2))) == []


def test_a_read_of_an_old_revision_shows_that_revision() -> None:
    """Though the answer's header has the present one."""
    ops = [put(1, 2, "x", 2), put(3, 4, "y", 3)]
    assert verdict(*ops, read(5, 6, 3, kv("x", 2), revision=2)) == []
    assert verdict(*ops, read(5, 6, 3, kv("y", 3, 2, 2), revision=2)) != []


def test_a_revision_that_nothing_made_is_refused() -> None:
    """Neither a write nor an event explains it."""
    assert verdict(put(1, 2, "x", 2), read(3, 4, 9)) == [("revision_never_reached", {"op": 1})]


@pytest.mark.parametrize(
    ("responses", "expected"),
    [
        ([(2, "x", 2), (3, "y", 4)], []),
        ([(3, "y", 4)], [("missing_watch_event", 1)]),
        ([(2, "x", 2), (2, "x", 2)], [("duplicate_watch_event", 2)]),
        ([(3, "y", 4), (2, "x", 2)], [("reordered_watch", 1)]),
        ([(2, "x", 0.5)], [("event_from_the_future", 1)]),
        ([(2, "z", 2)], [("event_never_written", 1)]),
        ([], []),
    ],
)
def test_watches_deliver_what_was_written(responses: Any, expected: Any) -> None:
    """Whole, once, in order and not before it was asked for."""
    ops = [put(1, 2, "x", 2), put(3, 4, "y", 3)]
    versions = {2: 1, 3: 2}
    delivered: list[Any] = [{"created": True, "header": {"revision": 1}, "time": 0}]
    for revision, value, time in responses:
        event = {"kv": kv(value, revision, 2, versions[revision])}
        header = {"revision": revision}
        delivered.append({"events": [event], "header": header, "time": time})
    watch = {"call": 0, "create_request": {"key": "a"}, "responses": delivered}
    found = verdict(*ops, watches=[watch])
    assert found == [(kind, {"watch": 0, "response": place}) for kind, place in expected]


def test_what_the_model_lacks_is_refused_by_name() -> None:
    """Not passed over."""
    with pytest.raises(NotImplementedError, match="range with sort_order"):
        verdict(put(1, 2, "x", 2), read(3, 4, 2, kv("x", 2), sort_order="DESCEND"))
    with pytest.raises(ValueError, match=r"ops\[0\]: unknown operation 'defragment'"):
        verdict({"call": 1, "return": 2, "op": {"defragment": {}}, "result": {}})
