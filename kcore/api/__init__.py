"""Kinds: their facts, rules and typed views, one package per group and version.

    from kcore.api.core_v1 import Pod

Packages, and the views in them, are loaded when they are asked for.
"""

import importlib
import re
from typing import Any, Final

_GROUP_VERSION: Final = re.compile(r"[a-z0-9]+_v[a-z0-9]+")


def __getattr__(name: str) -> Any:
    """`kcore.api.core_v1` without an import of its own (PEP 562)."""
    if _GROUP_VERSION.fullmatch(name):
        try:
            return importlib.import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
