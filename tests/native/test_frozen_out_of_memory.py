"""Whichever allocation fails, the compiled kernel raises MemoryError and stays sound."""

import contextlib
from collections import UserDict

import pytest

_testcapi = pytest.importorskip("_testcapi", reason="this Python cannot fail allocations on demand")

TEXT = (
    '{"b":[1,{"xé":"\\u00e9abc"},2.5,1e40],"a":{"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,'
    '"k6":6,"k7":7,"k8":8,"k9":9,"k0":0}}'
)
MANY = "{" + ",".join(f'"q{i}":{i}' for i in range(40, 0, -1)) + "}"
OPERATIONS = {
    "loads": lambda k, pod, n: k.loads(TEXT),
    "loads many keys": lambda k, pod, n: k.loads(MANY),
    "loads a new key": lambda k, pod, n: k.loads(f'{{"new-{n}":1}}'),
    "loads refuses": lambda k, pod, n: k.loads(TEXT + "x"),
    "freeze": lambda k, pod, n: k.freeze({f"f{n}": [1, (2,)], "d": {"x": 1.5}}),
    "freeze a mapping": lambda k, pod, n: k.freeze(UserDict({f"u{i}": i for i in range(20)})),
    "dumps": lambda k, pod, n: k.dumps(pod),
    "thaw": lambda k, pod, n: k.thaw(pod),
    "set": lambda k, pod, n: hash(pod.set(("a", "k3"), 2.5)),
    "set a new key": lambda k, pod, n: pod.set(("b", "-", f"n{n}"), [1]),
    "set refuses": lambda k, pod, n: pod.set(("b", 77), 1),
    "remove": lambda k, pod, n: pod.remove(("a", "k4")),
    "diff": lambda k, pod, n: k.diff(pod, pod.set(("a", "k1"), [n])),
    "equal": lambda k, pod, n: pod == {"b": [1], "a": {}},
    "items": lambda k, pod, n: list(pod.items()),
    "key sets": lambda k, pod, n: pod.keys() & {"a"},
    "repr": lambda k, pod, n: repr(pod),
    "slice": lambda k, pod, n: pod["b"][0:2],
    "methods": lambda k, pod, n: [pod.at for _ in range(20)],
    "path": lambda k, pod, n: k.Path("a", f"k{n}", 3)(pod),
    "paths": lambda k, pod, n: k.Paths("a", ("a", f"k{n}"), ("b", 3))(pod),
    "strings": lambda k, pod, n: k.Strings("b", f"x{n}", default=f"{n}")(pod),
    "gather": lambda k, pod, n: k.Strings("d")(k.freeze([{"d": "1"}, {"d": ["2"]}])),
    "patch": lambda k, pod, n: k.Patch(("a", f"n{n}"), ("a", "k3"), ("b", "-"))(pod, n, 1, [n]),
    "patch one by one": lambda k, pod, n: k.Patch(("b", "-"), ("b", "-"))(pod, {"x": n}, [1]),
    "guarded patch": lambda k, pod, n: k.GuardedPatch(
        ((f"x{n}",), ("b", 0)), ("c",), ("a", f"g{n}")
    )(pod.set(f"x{n}", "x"), "x", "y", [n]),
    "guarded patch fits": lambda k, pod, n: k.GuardedPatch((), ("c",), ("a", f"g{n}"))(pod, [n]),
    "patch refuses": lambda k, pod, n: k.Patch(("b", 77), "c")(pod, 1, 2),
    "template": lambda k, pod, n: k.Template(pod, ("a", f"t{n}"))({"new": [n]}),
    "named texts": lambda k, pod, n: k.NamedTexts((f"a{n}", "b"), 1)((f"a{n}", "c")),
    "wording": lambda k, pod, n: k.Wording(k.Template(pod, ("a", f"t{n}"), "c"))(f"x{n}", "y"),
    "HTML": lambda k, pod, n: k.dumps(pod, html_escapes=True),
    "content_hash": lambda k, pod, n: k.content_hash(pod),
}


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_failing_allocation(compiled, name):
    pod = compiled.loads(TEXT)
    compiled._release_caches()
    before, shapes = compiled.dumps(pod), compiled._shapes_live()
    failures = 0
    for start in range(1, 80):
        _testcapi.set_nomemory(start, start + 1)
        try:
            with contextlib.suppress(ValueError, IndexError):
                OPERATIONS[name](compiled, pod, start)
        except MemoryError:
            failures += 1
        finally:
            _testcapi.remove_mem_hooks()
    assert failures > 0 or name in {"slice", "equal"}
    assert compiled.dumps(pod) == before
    assert compiled.loads(TEXT) == pod
    compiled._release_caches()
    assert compiled._shapes_live() == shapes
