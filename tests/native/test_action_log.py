"""A log of actions hashes and remembers what it was told, however it gathers its words."""

import gc
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xxhash import xxh3_128

TEXTS = st.sampled_from(["", "pods", "ns/web-1", "n\u00e4me", "x" * 3_000])
NUMBERS = st.one_of(st.integers(0, 3), st.integers(-(2**70), 2**70))
CONTENTS = st.sampled_from([b"", b"{}", b"c" * 500, b"d" * 9_000])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), TEXTS, TEXTS, TEXTS, NUMBERS, CONTENTS),
        st.tuples(st.just("action"), NUMBERS, TEXTS, TEXTS),
        st.tuples(st.just("writes"), st.integers(100, 300)),
        st.sampled_from([("digest",), ("touched",), ("fork",)]),
    ),
    max_size=40,
)


class Model:
    """One text, and lists."""

    def __init__(self, text=b"", actions=(), touched=()):
        self.text, self.actions, self.touched = text, list(actions), list(touched)
        self.writes = []

    def write(self, verb, topic, key, revision, content):
        self.text += f"{verb} {topic}/{key} {revision} {len(content)}\n".encode() + content
        self.writes.append((verb, topic, key, revision))
        if topic not in self.touched:
            self.touched.append(topic)

    def action(self, *action):
        self.text += "{} {} {}\n".format(*action).encode()
        self.actions.append((*action, tuple(self.writes)))
        self.writes = []

    def fork(self):
        return Model(self.text, self.actions, self.touched)


def compare(log, model):
    assert log.digest == xxh3_128(model.text).hexdigest()
    assert list(log.plain()) == model.actions
    assert len(log) == len(model.actions)


@given(STEPS)
def test_a_log_and_its_forks_follow_the_model(trace, steps):
    pairs = [(trace.ActionLog(), Model())]
    for name, *details in steps:
        log, model = pairs[-1]
        if name == "digest":
            compare(log, model)
        elif name == "touched":
            assert log.take_touched() == tuple(model.touched)
            model.touched = []
        elif name == "writes":  # More than fit where the action began.
            for number in range(details[0]):
                log.write("create", "pods", f"web-{number}", number, b"")
                model.write("create", "pods", f"web-{number}", number, b"")
        elif name == "fork":
            pairs.append((log.fork(None), model.fork()))
        else:
            getattr(log, name)(*details)
            getattr(model, name)(*details)
    for log, model in pairs:  # The parents go on, and tell their children nothing.
        log.action(1, "late", "word")
        model.action(1, "late", "word")
    for log, model in pairs:
        compare(log, model)
        assert log.take_touched() == tuple(model.touched)
        assert log.take_touched() == ()


def test_many_actions_are_read_as_they_were_told(trace):
    log, model = trace.ActionLog(), Model()
    for number in range(2_000):
        for written in range(number % 7 * 40 * (number % 100 == 0)):
            log.write("update", "nodes", f"node-{written}", number, b"{}")
            model.write("update", "nodes", f"node-{written}", number, b"{}")
        log.action(number // 3, "actor", f"step {number}")
        model.action(number // 3, "actor", f"step {number}")
    compare(log, model)
    log.write("create", "pods", "late", 1, b"")
    assert list(log.plain()) == model.actions  # What is under way is no action yet.


def test_a_log_that_goes_with_an_action_under_way_leaves_nothing(trace):
    key = "key of its own"
    before = sys.getrefcount(key)
    log = trace.ActionLog()
    for number in range(400):
        log.write("create", "pods", key, number, b"")
    with pytest.raises((TypeError, AttributeError)):
        log.write("create", "pods", key, 1, None)
    del log
    gc.collect()
    assert sys.getrefcount(key) == before


def test_what_is_read_stands_still(trace):
    log = trace.ActionLog()
    log.action(1, "actor", "one")
    reading = log.plain()
    assert next(reading)[2] == "one"
    log.action(2, "actor", "two")
    assert next(reading, None) is None


@pytest.mark.parametrize("details", [(1, "actor", None), (1, b"actor", "label"), ("1", "a", "b")])
def test_the_compiled_kernel_refuses_other_types(compiled_trace, details):
    log = compiled_trace.ActionLog()
    with pytest.raises(TypeError):
        log.action(*details)


def test_memory_comes_back(trace):
    label, content = "label of its own", b"content of its own"
    before = sys.getrefcount(label), sys.getrefcount(content)
    for _ in range(3):
        log = trace.ActionLog()
        for number in range(2_000):
            log.write("create", "pods", label, number, content)
            log.action(number, "actor", label)
            if number % 100 == 0:
                log = log.fork(None)
        assert len(log.digest) == 32
        assert sum(1 for _ in log.plain()) == 2_000
    del log
    gc.collect()
    assert (sys.getrefcount(label), sys.getrefcount(content)) == before
