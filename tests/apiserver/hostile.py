"""Objects as nobody should send them: real ones with a few things broken, and typed nonsense.

Everything is drawn from one `random.Random` that the caller brings.
"""

from pathlib import Path
from typing import Any

from kcore.machinery.frozen import freeze, thaw
from kcore.machinery.manifest import load_manifests
from kcore.machinery.schema_types import type_table

BOOKSHOP = Path(__file__).parents[2] / "examples" / "bookshop.yaml"
DEPTH_MAX = 240
TEXTS = (
    "",
    " ",
    "a",
    "None",
    "A_b",
    "-1",
    "0",
    "100%",
    "-5%",
    "1e9",
    "10.96.0.1",
    "::1",
    "10.0.0.0/8",
    "2026-01-01T00:00:00Z",
    "9999999999999999999",
    "\u0000",
    "\u0663",
    "\u00b2",
    "ünïcode-\U0001f980",
    "x" * 300,
    "y" * 70_000,
    "a/b/c",
    "kubernetes.io/x",
    "app in (",
    "$(X)",
    "{{",
    "true",
    "Always",
    "RequireDualStack",
)
NUMBERS = (0, 1, -1, 2, 80, 65536, 2**31 - 1, 2**31, -(2**31), 2**53, 2**63 - 1, -(2**63))
FRACTIONS = (0.5, -0.0, 1e300, 1.0)
METADATA = "metadata"
Random = Any


def seeds() -> list[dict[str, Any]]:
    """The objects of the bookshop example, thawed."""
    text = BOOKSHOP.read_text(encoding="utf-8")
    return [thaw(manifest.object) for manifest in load_manifests(text)]


def junk(random: Random, depth: int = 0) -> Any:
    """Any JSON value."""
    kind = random.randrange(8 if depth < 3 else 5)
    if kind == 5:
        return [junk(random, depth + 1) for _ in range(random.randrange(3))]
    if kind == 6:
        count = random.randrange(3)
        return {random.choice(TEXTS): junk(random, depth + 1) for _ in range(count)}
    if kind == 7:
        return nested(random)
    return random.choice((FRACTIONS, NUMBERS, TEXTS, TEXTS, (None, True, False))[kind])


def nested(random: Random) -> Any:
    """Maps or lists in each other, deeper than any type is."""
    value: Any = random.choice(TEXTS)
    as_map = random.randrange(2)
    for _ in range(random.choice((5, 20, DEPTH_MAX))):
        value = {"a": value} if as_map else [value]
    return value


def same_type(random: Random, value: Any) -> Any:
    """Another value of the same JSON type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return random.choice((value + 1, value * 2, *NUMBERS))
    if isinstance(value, str):
        return random.choice((*TEXTS, *WORDS))
    if isinstance(value, list):
        return random.choice(([], [None], value * 2, [*value, None], value[:1] * 70))
    if isinstance(value, dict):
        return random.choice(({}, {"": ""}, {**value, random.choice(TEXTS): junk(random)}))
    return junk(random)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) below `value`."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        here = waiting.pop()
        pairs = here.items() if isinstance(here, dict) else enumerate(here)
        for key, child in pairs:
            found.append((here, key))
            if isinstance(child, dict | list):
                waiting.append(child)
    return found


def broken(random: Random, obj: Any, others: list[Any]) -> Any:
    """A copy of `obj` with up to three things changed at random places."""
    while True:
        result = _broken(random, thaw(freeze(obj)), others)
        try:
            freeze(result)
        except ValueError:  # Deeper than any value can be.
            continue
        return result


def _broken(random: Random, obj: Any, others: list[Any]) -> Any:
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        found = places(obj)
        if not found:
            return obj
        deep = [
            place for place in found if place[0] is not obj and place[0] is not obj.get(METADATA)
        ]
        here, key = random.choice(deep if deep and random.randrange(8) else found)
        how = random.randrange(6)
        if how == 0:
            del here[key]
        elif how == 1:
            here[key] = junk(random)
        elif how in (2, 3):
            here[key] = same_type(random, here[key])
        elif how == 4:
            there, other = random.choice(places(random.choice(others)))
            here[key] = thaw(freeze(there[other]))
        elif isinstance(here, dict):
            here[random.choice(TEXTS)] = junk(random)
        else:
            here.append(here[key])
    return obj


SPECIAL_TEXTS: dict[str, tuple[Any, ...]] = {
    "meta/v1.Duration": ("1s", "-5m0s", "0s"),
    "meta/v1.MicroTime": ("2026-01-01T00:00:00.000000Z", "0001-01-01T00:00:00.000000Z"),
    "meta/v1.Time": ("2026-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", None),
    "resource.Quantity": ("1", "-1", "100m", "9E", "0", "1e30", "1n", "500Mi"),
    "util/intstr.IntOrString": (0, 80, -1, "50%", "http", "", 2**31 - 1),
}
WORDS = ("a", "b", "web", "default", "kube-system", "TCP", "Pod", "v1", "1", "", "node-1")
SCALARS: dict[str, tuple[Any, ...]] = {"string": WORDS, "bool": (True, False)}
TYPED_DEPTH_MAX = 9
COUNTS = (0, 1, 2, 80, -1, 2**31 - 1)


def typed(random: Random, api_version: str, kind: str) -> dict[str, Any]:
    """A random object of a built-in kind: well typed, hardly ever sensible."""
    schema = type_table().kind(api_version, kind)
    assert schema is not None
    obj = _struct(random, schema, 0)
    obj.pop("metadata", None)
    metadata = {"name": random.choice(("a", "b", "web"))}
    return {**obj, "apiVersion": api_version, "kind": kind, "metadata": metadata}


def _struct(random: Random, schema: Any, depth: int) -> dict[str, Any]:
    return {
        name: _value(random, found.type, depth + 1)
        for name, (found, _via) in schema.located.items()
        if random.randrange(4 + depth) < 2
    }


def _value(random: Random, ref: Any, depth: int) -> Any:
    leaves = {
        "scalar": SCALARS.get(ref.scalar, COUNTS),
        "bytes": ("", "YQ=="),
        "special": SPECIAL_TEXTS.get(ref.name, ({}, {"a": 1})),
    }
    if ref.shape in leaves or depth > TYPED_DEPTH_MAX:
        return random.choice(leaves.get(ref.shape, (None,)))
    if ref.shape == "struct":
        return _struct(random, type_table().struct(ref.name), depth)
    count = random.randrange(3)
    if ref.shape == "list":
        return [_value(random, ref.element, depth) for _ in range(count)]
    return {random.choice(WORDS): _value(random, ref.element, depth) for _ in range(count)}
