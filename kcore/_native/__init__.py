"""Chooses compiled or reference kernels once, for the whole process.

`KCORE_PURE=1` forces the reference kernels. `KCORE_PURE=0` refuses to start without the compiled
ones (CI sets it so that a broken build cannot pass unseen). Unset: compiled if present.

Kernels know numbers, strings and values, never a Kubernetes noun. Only the doors listed in the
import contracts may import this package.
"""

import os
from typing import TYPE_CHECKING

_CHOICE = os.environ.get("KCORE_PURE", "")

COMPILED: bool

if TYPE_CHECKING:
    from kcore._native.reference import frozen
else:
    try:
        if _CHOICE == "1":
            raise ImportError("reference kernels requested")
        from kcore._native import frozen

        COMPILED = True
    except ImportError as error:
        if _CHOICE == "0":
            raise ImportError("compiled kernels are missing: run `make build`") from error
        from kcore._native.reference import frozen

        COMPILED = False

__all__ = ["COMPILED", "frozen"]
