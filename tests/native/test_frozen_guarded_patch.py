"""A guarded patch changes what fits as a patch does, and nothing else."""

import copy
import gc
import pickle
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import frozen as twin
from tests.native.conftest import compiled_kernel

POD = {"metadata": {"uid": "u1", "labels": {}}, "spec": {"nodeName": None}, "status": {"n": 1}}


@pytest.fixture
def pod(kernel):
    return kernel.freeze(POD)


@pytest.mark.parametrize(
    ("texts", "absent", "given", "fits"),
    [
        ((), (), (), True),
        ((("metadata", "uid"),), (), ("u1",), True),
        ((("metadata", "uid"),), (), ("u2",), False),
        ((("metadata", "uid"),), (), (None,), False),
        ((("metadata", "name"),), (), ("",), False),
        ((("metadata", "name"),), (), (None,), False),
        ((("status", "n"),), (), (1,), False),
        ((("metadata", "uid"), ("metadata", "uid")), (), ("u1", "u1"), True),
        ((), ("absent", ("spec", "nodeName"), ("metadata", "uid", "x")), (), True),
        ((), (("metadata", "labels"),), (), False),
        ((), (("status", "n"),), (), False),
        ((("metadata", "uid"),), (("metadata", "uid"),), ("u1",), False),
    ],
)
def test_what_fits_is_patched(kernel, pod, texts, absent, given, fits):
    guarded = kernel.GuardedPatch(texts, absent, ("spec", "nodeName"), ("status", "c", "-"))
    for _ in range(2):
        changed = guarded(pod, *given, "n1", {"x": 1})
        if fits:
            assert changed == kernel.Patch(("spec", "nodeName"), ("status", "c", "-"))(
                pod, "n1", {"x": 1}
            )
            kernel.check_invariants(changed)
        else:
            assert changed is None
    assert pod == POD


def test_many_values(kernel, pod):
    paths = [("m", f"k{i}") for i in range(40)]
    new = list(range(40))
    assert kernel.GuardedPatch((), (), *paths)(pod, *new) == kernel.Patch(*paths)(pod, *new)


LEAVES = st.none() | st.integers(0, 1) | st.sampled_from(["", "x", "é"])
VALUES = st.dictionaries(
    st.sampled_from("abc"),
    LEAVES | st.dictionaries(st.sampled_from("ab"), LEAVES) | st.lists(LEAVES, max_size=2),
)
STEPS = st.lists(st.sampled_from(["a", "b", 0]), min_size=1, max_size=2).map(tuple)


@given(
    st.lists(st.tuples(STEPS, LEAVES), max_size=2),
    st.lists(STEPS, max_size=2),
    st.lists(st.tuples(STEPS, LEAVES), max_size=2),
    st.lists(VALUES, min_size=1, max_size=5),
)
@settings(max_examples=300, deadline=None)
def test_both_kernels_do_the_same(texts, absent, new, values):
    answers = []
    for kernel in (twin, compiled_kernel("frozen")):
        guarded = kernel.GuardedPatch(
            tuple(steps for steps, _ in texts), tuple(absent), *[steps for steps, _ in new]
        )
        answers.append([])
        for value in values:
            arguments = [*[text for _, text in texts], *[one for _, one in new]]
            try:
                changed = guarded(kernel.freeze(value), *arguments)
                answers[-1].append(None if changed is None else kernel.dumps(changed))
            except (TypeError, IndexError, ValueError) as error:
                answers[-1].append((type(error), str(error)))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda k: k.GuardedPatch(["a"], ()), TypeError, "guards are a tuple of paths, not list"),
        (lambda k: k.GuardedPatch((), "a"), TypeError, "guards are a tuple of paths, not str"),
        (lambda k: k.GuardedPatch((), (None,)), TypeError,
         "steps must be str or int, not NoneType"),
        (lambda k: k.GuardedPatch(("\ud800",), ()), ValueError, "lone surrogate at character 0"),
        (lambda k: k.GuardedPatch((), (), 1.5), TypeError,
         "steps must be str or int, not float"),
        (lambda k: k.GuardedPatch((), ())({}), TypeError,
         "paths lead through frozen maps and lists, not dict"),
        (lambda k: k.GuardedPatch(("a", "b"), ())(k.EMPTY_MAP, "x"), TypeError,
         "a guarded patch takes a value, 2 texts and new parts"),
        (lambda k: k.GuardedPatch((), (), "a")(k.EMPTY_MAP), TypeError,
         "patch of 1 paths takes as many values, not 0"),
        (lambda k: k.GuardedPatch((), (), "a")(k.EMPTY_LIST, 1), TypeError, None),
    ],
)  # fmt: skip
def test_refusals(kernel, make, error, message):
    with pytest.raises(error) as caught:
        make(kernel)
    assert message is None or str(caught.value) == message


def test_wrong_calls_are_refused(kernel):
    guarded = kernel.GuardedPatch((), (), "a")
    for attempt in (
        guarded,
        lambda: guarded(kernel.EMPTY_MAP, 1, x=1),
        kernel.GuardedPatch,
        lambda: kernel.GuardedPatch(()),
        lambda: kernel.GuardedPatch((), (), path="a"),
    ):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(AttributeError):
        guarded.paths = ()


def test_they_tell_what_they_are(kernel, pod):
    guarded = kernel.GuardedPatch((("metadata", "uid"),), ("x",), "y", ("z", "-"))
    for one in (guarded, pickle.loads(pickle.dumps(guarded)), copy.copy(guarded)):
        assert type(one) is kernel.GuardedPatch
        assert (one.texts, one.absent) == ((("metadata", "uid"),), (("x",),))
        assert one.paths == (("y",), ("z", "-"))
        assert repr(one) == "GuardedPatch((('metadata', 'uid'),), (('x',),), ('y',), ('z', '-'))"
        assert one(pod.set("z", []), "u1", 1, 2)["z"] == [2]


def test_they_hold_nothing_but_what_they_need(compiled):
    marker = "a text that nobody else holds " * 2
    gc.collect()
    before, references = compiled._shapes_live(), sys.getrefcount(marker)
    guarded = compiled.GuardedPatch(("unusual",), ("other",), "unusual", "new")
    for i in range(200):
        value = compiled.freeze({f"lonely-{i}": 1, "unusual": marker})
        assert guarded(value, "else", 1, 2) is None
        assert guarded(value, marker, marker, 2)["unusual"] is marker
        assert guarded(value.set("other", 1), marker, 1, 2) is None
    del value
    gc.collect()
    assert compiled._shapes_live() <= before + 12
    del guarded
    gc.collect()
    assert compiled._shapes_live() == before
    assert sys.getrefcount(marker) == references
