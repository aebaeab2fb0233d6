"""Chooses compiled or reference kernels once, for the whole process.

`KCORE_PURE=1` forces the reference kernels. `KCORE_PURE=0` refuses to start without the compiled
ones (CI sets it so that a broken build cannot pass unseen). Unset: each kernel is compiled where
its extension was built.

Kernels know numbers, strings and values, never a Kubernetes noun. Only the doors listed in the
import contracts may import this package.
"""

import importlib
import importlib.util
import os
from types import ModuleType
from typing import TYPE_CHECKING, Final

_CHOICE: Final = os.environ.get("KCORE_PURE", "")

LATE_KERNELS: Final = (
    "packed_counts",
    "packed_demand",
    "packed_gated",
    "packed_peak",
    "packed_search",
    "packed_table",
)
"""Kernels over numpy arrays: loaded on first use, since loading numpy takes a while."""

COMPILED_KERNELS: Final = (
    "btree",
    "chance",
    "crowd",
    "frozen",
    "gpu_placement",
    "heap",
    "instants",
    "keyed_heap",
    "ledger",
    "matcher",
    *LATE_KERNELS,
    "postings",
    "quantity",
    "record",
    "shelf",
    "trace",
    "turns",
)
"""The kernels that have a compiled form."""


def _load(name: str) -> ModuleType:
    if name in COMPILED_KERNELS and _CHOICE != "1":
        try:
            return importlib.import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if _CHOICE == "0":
                raise ImportError(
                    f"the compiled kernel {name!r} is missing (KCORE_PURE=0): run `make build`"
                ) from error
    return importlib.import_module(f"{__name__}.reference.{name}")


def __getattr__(name: str) -> ModuleType:
    if name not in LATE_KERNELS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = globals()[name] = _load(name)
    return module


def _is_compiled(name: str) -> bool:
    module = globals().get(name)
    if module is None:
        spec = importlib.util.find_spec(f"{__name__}.{name}")
        return _CHOICE != "1" and spec is not None
    return bool(module.__name__ == f"{__name__}.{name}")


if TYPE_CHECKING:
    from kcore._native.reference import (
        btree,
        chance,
        crowd,
        frozen,
        gpu_placement,
        heap,
        instants,
        keyed_heap,
        ledger,
        matcher,
        packed_counts,
        packed_demand,
        packed_gated,
        packed_peak,
        packed_search,
        packed_table,
        postings,
        quantity,
        record,
        shelf,
        trace,
        turns,
    )
else:
    btree, chance, crowd = _load("btree"), _load("chance"), _load("crowd")
    frozen, heap, keyed_heap = _load("frozen"), _load("heap"), _load("keyed_heap")
    instants = _load("instants")
    matcher, quantity = _load("matcher"), _load("quantity")
    gpu_placement, ledger = _load("gpu_placement"), _load("ledger")
    postings, record = _load("postings"), _load("record")
    shelf, trace, turns = _load("shelf"), _load("trace"), _load("turns")

COMPILED: Final[tuple[str, ...]] = tuple(
    kernel for kernel in COMPILED_KERNELS if _is_compiled(kernel)
)
"""The kernels that run compiled in this process."""

__all__ = [
    "COMPILED",
    "COMPILED_KERNELS",
    "btree",
    "chance",
    "crowd",
    "frozen",
    "gpu_placement",
    "heap",
    "instants",
    "keyed_heap",
    "ledger",
    "matcher",
    "packed_counts",
    "packed_demand",
    "packed_gated",
    "packed_peak",
    "packed_search",
    "packed_table",
    "postings",
    "quantity",
    "record",
    "shelf",
    "trace",
    "turns",
]
