"""Prepared paths mean what `at` and one `set` after the other mean."""

import copy
import gc
import pickle
import sys

import pytest

POD = b'{"metadata":{"labels":{"app":"web"},"name":"t"},"spec":{"c":[{"x":1},{"x":2}]},"z":null}'
CONDITION = {"type": "PodScheduled", "status": "True"}
DEEP = ("d",) * 255


@pytest.fixture
def pod(kernel):
    return kernel.loads(POD)


def one_by_one(value, paths, new):
    for path, one in zip(paths, new, strict=True):
        value = value.set(path, one)
    return value


@pytest.mark.parametrize(
    "steps",
    [
        (),
        ("spec",),
        ("spec", "c", 0, "x"),
        ("spec", "c", -1, "x"),
        ("spec", "c", 2),
        ("spec", "c", -3),
        ("spec", "c", "x"),
        ("spec", 0),
        ("metadata", "name", "x"),
        ("z",),
        ("z", "x"),
        ("absent", "x"),
        ("spec", "c", True, "x"),
        ("spec", "c", 2**62),
    ],
)
def test_a_path_reads_like_at(kernel, pod, steps):
    path = kernel.Path(*steps)
    for value in (pod, kernel.EMPTY_MAP, kernel.EMPTY_LIST, pod, pod["spec"], pod.set("new", 1)):
        assert path(value) == value.at(*steps)
        assert path(value, "d") == value.at(*steps, default="d")


def test_a_path_follows_ever_new_shapes(kernel):
    path = kernel.Path("a", "b")
    for i in range(50):
        value = kernel.freeze({"a": {f"k{i}": 1, "b": i, f"z{i}": 2}, f"r{i % 7}": 0})
        assert path(value) == i
        assert path(value.remove("a")) is None


def test_paths_read_like_one_at_after_the_other(kernel, pod):
    steps = ("spec", ("spec", "c", -1, "x"), ("metadata", "name", "x"), "z", ("absent", 0), ())
    paths = kernel.Paths(*steps)
    for value in (pod, kernel.EMPTY_MAP, kernel.EMPTY_LIST, pod["spec"], pod.set("new", 1)):
        expected = [value.at(*(one if isinstance(one, tuple) else (one,))) for one in steps]
        assert paths(value) == tuple(expected)
    assert kernel.Paths()(pod) == ()


@pytest.mark.parametrize(
    "paths",
    [
        (),
        ("z",),
        (("spec", "nodeName"), ("status", "conditions", "-")),
        (("spec", "b"), ("spec", "a"), ("spec", "c"), ("spec", "d")),
        (("metadata", "name"), ("metadata", "labels", "app"), ("metadata", "labels", "zone")),
        (("spec", "c", 0, "x"), ("spec", "c", 0, "y"), ("spec", "c", 1)),
        (("spec", "c", -1), ("spec", "c", -2, "x")),
        # Paths that meet.
        (("spec", "c", -1), ("spec", "c", 1, "x")),
        (("spec", "c", "-"), ("spec", "c", "-")),
        (("spec", "c", "-", "x"), ("spec", "c", "-", "y")),
        (("spec", "c", "-"), ("spec", "c", 2, "y")),
        (("n", "m"), ("n", "m")),
        (("n",), ("n", "m")),
        (("n", "m"), ("n",)),
        ((), "x"),
        ("x", ()),
        # Not for every value.
        (("z", "-"), "a"),
        (("z", 0), "a"),
        (("metadata", "name", "x"), "a"),
        (("spec", "c", 7), "a"),
        ("a", ("spec", "c", 2, "x")),
        ("a", ("spec", "c", "x")),
        (("metadata", "-"), ("metadata", "a")),
        (("metadata", 0), ("metadata", "a")),
        (DEEP, "a"),
        ((*DEEP, "d"), "a"),
        ((*DEEP, "d", "d"), "a"),
        ("a", 0),
    ],
)
@pytest.mark.parametrize("kind", ["scalars", "containers", "last is bad"])
def test_a_patch_is_one_set_after_the_other(kernel, pod, paths, kind):
    new = [CONDITION if kind == "containers" else f"v{i}" for i in range(len(paths))]
    if kind == "last is bad":
        new[-1:] = [{1, 2}] if new else []
    patch = kernel.Patch(*paths)
    for value in (pod, pod, kernel.EMPTY_MAP, kernel.EMPTY_LIST, pod["spec"]["c"]):
        try:
            expected, error = one_by_one(value, paths, new), None
        except (TypeError, ValueError, IndexError, AttributeError) as caught:
            expected, error = None, caught
        if type(error) is AttributeError:
            continue  # A root that became a scalar has no `set`.
        stamp = kernel.Template(value, *paths)
        for change in (lambda v=value: patch(v, *new), lambda s=stamp: s(*new)):
            if error is None:
                result = change()
                assert kernel.dumps(result) == kernel.dumps(expected)
                kernel.check_invariants(result)
            else:
                with pytest.raises(type(error)) as raised:
                    change()
                assert str(raised.value) == str(error)
        assert kernel.dumps(pod) == POD


def test_many_paths_and_many_keys(kernel):
    paths = [("m", f"k{i % 5}", f"key-{i}") for i in range(100)]
    value = kernel.freeze({"m": {"k1": {"key-3": 0, "key-1": 0, "zz": 1}}})
    new = list(range(100))
    expected = one_by_one(value, paths, new)
    assert kernel.Patch(*paths)(value, *new) == expected
    assert kernel.Template(value, *paths)(*new) == expected


def test_what_is_not_on_a_path_is_shared(kernel, pod):
    bind = kernel.Patch(("spec", "nodeName"), ("status", "conditions", "-"))
    bound = bind(pod.set(("status", "conditions"), []), "n1", CONDITION)
    assert bound.metadata is pod.metadata
    assert bound.spec.c is pod.spec.c
    assert bound.status.conditions == [CONDITION]
    stamp = kernel.Template(pod, ("metadata", "name"))
    one, other = stamp("a"), stamp("b")
    assert one.spec is other.spec is pod.spec
    assert (one.metadata.name, other.metadata.name, pod.metadata.name) == ("a", "b", "t")


def test_nothing_new_is_the_same_object(kernel, pod):
    same = kernel.Patch(("metadata", "labels", "app"), ("spec", "c", 0))
    assert same(pod, pod.metadata.labels.app, pod.spec.c[0]) is pod


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda k: k.Path("a", None), TypeError, "steps must be str or int, not NoneType"),
        (lambda k: k.Path(("a", "b")), TypeError, "steps must be str or int, not tuple"),
        (lambda k: k.Path("\ud800"), ValueError, "lone surrogate at character 0"),
        (lambda k: k.Path(2**64), ValueError, "integer does not fit 64 bits"),
        (lambda k: k.Paths("a", ("b", None)), TypeError,
         "steps must be str or int, not NoneType"),
        (lambda k: k.Paths("a", "\ud800"), ValueError, "lone surrogate at character 0"),
        (lambda k: k.Paths("a")({"a": 1}), TypeError,
         "paths lead through frozen maps and lists, not dict"),
        (lambda k: k.Patch("a", 1.5), TypeError, "steps must be str or int, not float"),
        (lambda k: k.Patch(("a", b"b")), TypeError, "steps must be str or int, not bytes"),
        (lambda k: k.Template(k.EMPTY_MAP, ["a"]), TypeError,
         "steps must be str or int, not list"),
        (lambda k: k.Template({}), TypeError,
         "paths lead through frozen maps and lists, not dict"),
        (lambda k: k.Path("a")({"a": 1}), TypeError,
         "paths lead through frozen maps and lists, not dict"),
        (lambda k: k.Patch("a")(None, 1), TypeError,
         "paths lead through frozen maps and lists, not NoneType"),
        (lambda k: k.Patch("a", "b")(k.EMPTY_MAP, 1), TypeError,
         "patch of 2 paths takes as many values, not 1"),
        (lambda k: k.Patch()(k.EMPTY_MAP, 1), TypeError,
         "patch of 0 paths takes as many values, not 1"),
        (lambda k: k.Template(k.EMPTY_MAP, "a")(1, 2, 3), TypeError,
         "template of 1 paths takes as many values, not 3"),
    ],
)  # fmt: skip
def test_refusals(kernel, make, error, message):
    with pytest.raises(error) as caught:
        make(kernel)
    assert str(caught.value) == message


@pytest.mark.parametrize("kind", ["Path", "Paths", "Patch", "Template"])
def test_wrong_calls_are_refused(kernel, kind):
    make = getattr(kernel, kind)
    with pytest.raises(TypeError):
        make(steps=("a",))
    ready = make(kernel.EMPTY_MAP, "a") if kind == "Template" else make("a")
    for attempt in (ready, lambda: ready(kernel.EMPTY_MAP, 1, x=1), lambda: ready(1, 2, 3)):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(AttributeError):
        ready.paths = ready.steps = ()


def test_they_tell_what_they_are(kernel, pod):
    path, patch = kernel.Path("a", True, -2), kernel.Patch("x", ("a", "-"))
    stamp = kernel.Template(pod, "x", ("a", 1))
    assert path.steps == ("a", 1, -2)
    paths = kernel.Paths("x", ("a", True))
    assert paths.paths == (("x",), ("a", 1))
    assert repr(paths) == "Paths(('x',), ('a', 1))"
    assert patch.paths == (("x",), ("a", "-"))
    assert stamp.paths == (("x",), ("a", 1))
    assert stamp.value is pod
    assert repr(path) == "Path('a', 1, -2)"
    assert repr(patch) == "Patch(('x',), ('a', '-'))"
    assert repr(stamp) == f"Template({pod!r}, ('x',), ('a', 1))"


def test_pickle(kernel, pod):
    values = [
        kernel.Path("spec", "c", 0),
        kernel.Paths("spec", ("spec", "c", 0)),
        kernel.Patch("x", ("a", "-")),
        kernel.Template(pod, "x"),
    ]
    for value in values:
        for again in (pickle.loads(pickle.dumps(value)), copy.copy(value)):
            assert type(again) is type(value)
            assert repr(again) == repr(value)
    assert pickle.loads(pickle.dumps(values[0]))(pod) == {"x": 1}


class Word(str):
    """A key of a subclass whose own ideas of equality must not matter."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, _other):
        raise AssertionError("asked")


def test_steps_become_plain(kernel, pod):
    path = kernel.Path(Word("spec"), Word("c"))
    assert type(path.steps[0]) is str
    assert path(pod) is pod.spec.c
    assert kernel.Patch((Word("spec"), Word("new")))(pod, 1).spec.new == 1


def test_they_hold_nothing_but_what_they_need(compiled):
    """Key sets met on the way are few, and go with the path."""
    pod = compiled.loads(POD)
    before = compiled._shapes_live()
    path, patch = compiled.Path("unusual"), compiled.Patch("unusual", "other")
    paths = compiled.Paths("unusual", ("unusual", "other"))
    for i in range(200):
        value = compiled.freeze({f"only-{i}": 1, "unusual": i})
        assert path(value) == i
        assert paths(value) == (i, None)
        assert patch(value, 1, 2).unusual == 1
    del value
    gc.collect()
    assert compiled._shapes_live() <= before + 8
    del path, paths, patch
    assert compiled._shapes_live() == before
    marker = "a text that nobody else holds " * 2
    references = sys.getrefcount(marker)
    stamp = compiled.Template(pod, "x", ("spec", "c", "-"))
    made = [stamp(marker, [marker]) for _ in range(10)]
    assert sys.getrefcount(marker) == references + 11  # Equal lists are one.
    del made, stamp
    assert sys.getrefcount(marker) == references
