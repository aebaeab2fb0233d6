"""Immutable JSON trees: the readable twin of the `frozen` kernel.

A value is a `FrozenMap`, a `FrozenList`, or a scalar (str, int, float, bool, None). It never
changes; an update returns a new root that shares every untouched subtree.

**Canonical form.** A map keeps its keys sorted by code point. Every value therefore has exactly
one compact JSON text, and that text *is* the value: two values are equal if and only if their
texts are. So `True` differs from `1`, while `1.0` equals `1` (Go writes both as `1`), and
`loads(dumps(x)) == x` holds for every x. Each node remembers its text once somebody asked, so
after an update only the changed path is written again.

**Depth.** No value nests deeper than `DEPTH_COUNT_MAX`: every constructor refuses it, so nothing
that walks a value needs a guard. An update needs to look only at what it puts in: everything else
was admitted before and keeps its level.

**Its parts.** `frozen_tree` has the nodes and their text, `frozen_patch` the prepared reads and
changes, `named_texts` and `dns_name` what is asked of texts that fill in templates, `wording` how
what they make is written, and this module what compares.
"""

import hashlib
from typing import Any, Final

from kcore._native.reference.dns_name import is_dns_subdomain
from kcore._native.reference.frozen_patch import GuardedPatch, Patch, Path, Paths, Strings, Template
from kcore._native.reference.frozen_tree import (
    TREE,
    FrozenList,
    FrozenMap,
    as_frozen,
    depth_of,
    dumps,
    freeze,
    loads,
    text_of,
    thaw,
)
from kcore._native.reference.json_text import DEPTH_COUNT_MAX, JSONError
from kcore._native.reference.named_texts import NamedTexts
from kcore._native.reference.tree_path import ABSENT, Difference
from kcore._native.reference.wording import Wording

__all__ = [
    "ABSENT",
    "DEPTH_COUNT_MAX",
    "EMPTY_LIST",
    "EMPTY_MAP",
    "FrozenList",
    "FrozenMap",
    "GuardedPatch",
    "JSONError",
    "NamedTexts",
    "Patch",
    "Path",
    "Paths",
    "Strings",
    "Template",
    "Wording",
    "check_invariants",
    "content_hash",
    "diff",
    "dumps",
    "freeze",
    "is_dns_subdomain",
    "loads",
    "thaw",
]


def content_hash(value: Any, /) -> int:
    """The same 64 bits for the same content in every process: BLAKE2b of the JSON text."""
    return int.from_bytes(hashlib.blake2b(dumps(value), digest_size=8).digest(), "big")


def diff(old: Any, new: Any, /) -> list[Difference]:
    """What changed, as `(path, old, new)` in path order; ABSENT where one side has nothing.

    Skips shared subtrees, so comparing two versions of an object costs O(what changed * width).

    Raises:
        TypeError: a side is neither frozen nor ABSENT.
    """
    before = old if old is ABSENT else as_frozen(old)
    after = new if new is ABSENT else as_frozen(new)
    return [
        (path, left, right)
        for path, left, right in TREE.differences(before, after, ())
        if left is ABSENT or right is ABSENT or text_of(left) != text_of(right)
    ]


def check_invariants(value: Any, /) -> None:
    """Verify everything that must hold of a value, whatever made it. O(size); for tests.

    Raises:
        AssertionError: naming the rule.
    """
    again = loads(dumps(value))
    if text_of(value) != text_of(again):
        raise AssertionError("frozen value: its keys are not in order, or its text is stale")
    if depth_of(value) != depth_of(again):
        raise AssertionError("frozen value: its depth is wrong")
    if type(value) is FrozenMap or type(value) is FrozenList:
        for child in value.values() if type(value) is FrozenMap else value:
            check_invariants(child)


EMPTY_MAP: Final[FrozenMap] = freeze({})
EMPTY_LIST: Final[FrozenList] = freeze([])
