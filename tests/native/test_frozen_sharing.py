"""Equal parts of values made separately are one object; nobody can tell but by `is`."""

import json

POD = {
    "metadata": {"labels": {"app": "web", "tier": "front"}},
    "spec": {"containers": [{"name": "c", "image": "i", "env": [{"name": "A", "value": "1"}]}]},
}


def test_equal_parts_are_shared(compiled):
    first = compiled.loads(json.dumps(POD | {"name": "web-1"}))
    second = compiled.loads(json.dumps(POD | {"name": "web-2"}))
    assert first is not second
    assert first.spec is second.spec
    assert first.metadata is second.metadata
    assert compiled.freeze(POD["spec"]) is first.spec
    assert compiled.loads(json.dumps(POD | {"name": "web-1"})) is first


def test_the_table_keeps_nothing_alive(compiled):
    values = [compiled.freeze({"only-here": [i]}) for i in range(1000)]
    shapes = compiled._shapes_live()
    del values
    assert compiled._shapes_live() == shapes - 1
    again = compiled.freeze({"only-here": [7]})
    assert compiled.thaw(again) == {"only-here": [7]}


def test_equal_numbers_of_different_kinds_are_not_mixed_up(kernel):
    for _ in range(3):
        for number in (1, 1.0, True):
            for source in ([number], {"n": {"m": number}}, [[number], {"x": [number]}]):
                assert repr(kernel.thaw(kernel.freeze(source))) == repr(source)
                again = kernel.loads(json.dumps(source))
                assert repr(kernel.thaw(again)) == repr(source)


def test_collisions_do_no_harm(compiled):
    """More live nodes than the table has places."""
    values = [compiled.freeze([i, [str(i)]]) for i in range(80_000)]
    assert all(value == [i, [str(i)]] for i, value in enumerate(values))
    assert compiled.freeze([79_999, ["79999"]]) == values[-1]
    del values[::2]
    assert all(value == [i, [str(i)]] for i, value in zip(range(1, 80_000, 2), values, strict=True))
