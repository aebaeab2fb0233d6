"""Chooses compiled or reference kernels once, for the whole process.

`KCORE_PURE=1` forces the reference kernels. `KCORE_PURE=0` refuses to start without the compiled
ones (CI sets it so that a broken build cannot pass unseen). Unset: each kernel is compiled where
its extension was built. `btree` has no compiled form yet.

Kernels know numbers, strings and values, never a Kubernetes noun. Only the doors listed in the
import contracts may import this package.
"""

import importlib
import os
from types import ModuleType
from typing import TYPE_CHECKING, Final

_CHOICE: Final = os.environ.get("KCORE_PURE", "")

COMPILED_KERNELS: Final = ("frozen", "gpu_placement", "heap", "matcher", "postings", "quantity")
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


if TYPE_CHECKING:
    from kcore._native.reference import (
        btree,
        frozen,
        gpu_placement,
        heap,
        matcher,
        postings,
        quantity,
    )
else:
    btree, frozen, heap = _load("btree"), _load("frozen"), _load("heap")
    matcher, quantity = _load("matcher"), _load("quantity")
    gpu_placement = _load("gpu_placement")
    postings = _load("postings")

COMPILED: Final[tuple[str, ...]] = tuple(
    kernel
    for kernel, module in (
        ("btree", btree),
        ("frozen", frozen),
        ("gpu_placement", gpu_placement),
        ("heap", heap),
        ("matcher", matcher),
        ("postings", postings),
        ("quantity", quantity),
    )
    if module.__name__ == f"{__name__}.{kernel}"
)
"""The kernels that run compiled in this process."""

__all__ = [
    "COMPILED",
    "COMPILED_KERNELS",
    "btree",
    "frozen",
    "gpu_placement",
    "heap",
    "matcher",
    "postings",
    "quantity",
]
