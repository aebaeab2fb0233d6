"""Names of typed views that a package offers and loads on first use (PEP 562).

    from kcore.api.core_v1 import Pod

loads `kcore.api.core_v1.models`, and pydantic with it, at that moment. Nothing here knows which
views there are.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def lazy_views(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package whose `models` module holds its views.

    Views are capitalized; asking for any other name loads nothing, but for `import *`.
    """

    def load(name: str) -> Any:
        if name == "__all__":
            return list(importlib.import_module(f"{package}.models").__all__)
        if name[:1].isupper():
            models = importlib.import_module(f"{package}.models")
            if name in models.__all__:
                return getattr(models, name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    def names() -> list[str]:
        module = importlib.import_module(package)
        models = importlib.import_module(f"{package}.models")
        return sorted({*vars(module), *models.__all__})

    return load, names


def lazy_parts(
    module: str, parts: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a module whose names live in other modules.

    `parts` says which: `{"kcore.api.core_v1.models_pod": ("Pod", ...)}`. A part is loaded when one
    of its names is asked for.
    """
    homes = {name: home for home, names in parts.items() for name in names}

    def load(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return getattr(importlib.import_module(home), name)

    def names() -> list[str]:
        return sorted({*vars(importlib.import_module(module)), *homes})

    return load, names
