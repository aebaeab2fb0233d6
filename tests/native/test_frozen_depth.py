import pytest

DEEPER = "nested deeper than 256 levels"


def nested(depth: int, kind: type = list):
    value = []
    for _ in range(depth - 1):
        value = [value] if kind is list else {"k": value}
    return value


@pytest.mark.parametrize("kind", [list, dict])
def test_the_deepest_value_works(kernel, kind):
    source = nested(256, kind)
    value = kernel.freeze(source)
    text = kernel.dumps(value)
    assert kernel.loads(text) == value
    assert kernel.thaw(value) == source
    assert hash(kernel.loads(text)) == hash(value)
    leaf = (0,) * 255 if kind is list else ("k",) * 255
    changed = value.set((*leaf, "-"), 1)
    assert kernel.diff(value, changed) == [((*leaf, 0), kernel.ABSENT, 1)]
    assert changed.remove((*leaf, 0)) == value
    assert repr(value).count("[") >= 1


@pytest.mark.parametrize("kind", [list, dict])
def test_one_level_more_is_refused_everywhere(kernel, kind):
    value = kernel.freeze(nested(256, kind))
    attempts = [
        lambda: kernel.freeze(nested(257, kind)),
        lambda: kernel.freeze({"a": value}),
        lambda: kernel.freeze([value]),
        lambda: kernel.EMPTY_MAP.set("a", value),
        lambda: kernel.EMPTY_LIST.append(value),
        lambda: kernel.freeze({"a": {}}).set(("a", "b"), kernel.freeze(nested(255))),
        lambda: kernel.EMPTY_MAP.set(("a",) * 257, 1),
    ]
    for attempt in attempts:
        with pytest.raises(ValueError, match=DEEPER):
            attempt()
    assert kernel.EMPTY_MAP.set((), value) is value
    assert kernel.EMPTY_MAP.set(("a",) * 256, 1).at(*("a",) * 256) == 1
    assert kernel.EMPTY_MAP.set("a", kernel.freeze(nested(255))).a == nested(255)


def test_a_removed_deep_part_makes_room(kernel):
    value = kernel.freeze({"a": nested(255)})
    with pytest.raises(ValueError, match=DEEPER):
        kernel.freeze({"b": value})
    assert kernel.freeze({"b": value.set("a", 1)}) == {"b": {"a": 1}}
    assert kernel.freeze({"b": value.remove("a")}) == {"b": {}}


def test_endless_sources_are_refused(kernel):
    endless: list = []
    endless.append(endless)
    with pytest.raises(ValueError, match=DEEPER):
        kernel.freeze(endless)
    with pytest.raises(ValueError, match=DEEPER):
        kernel.EMPTY_MAP.set("a", endless)
    assert endless != kernel.EMPTY_LIST


def test_building_up_step_by_step_ends_at_the_limit(kernel):
    value = kernel.EMPTY_MAP
    for _ in range(255):
        value = kernel.EMPTY_MAP.set("a", value)
    with pytest.raises(ValueError, match=DEEPER):
        kernel.EMPTY_MAP.set("a", value)
    assert kernel.loads(kernel.dumps(value)) == value


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_deep_text_is_refused_at_the_bracket(kernel, opening):
    text = opening * 300
    with pytest.raises(kernel.JSONError) as caught:
        kernel.loads(text)
    brackets = [i for i, character in enumerate(text) if character in "[{"]
    assert caught.value.message == DEEPER
    assert caught.value.position == brackets[256]
