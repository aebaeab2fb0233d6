"""Every test of the value kernel runs on both kernels, imported directly, not by the switch."""

import importlib
from types import ModuleType

import pytest

from kcore import _native
from kcore._native.reference import frozen as twin


@pytest.fixture(params=["twin", "compiled"], scope="session")
def kernel(request: pytest.FixtureRequest) -> ModuleType:
    if request.param == "twin":
        return twin
    return request.getfixturevalue("compiled")


@pytest.fixture(scope="session")
def compiled() -> ModuleType:
    chosen = _native.frozen
    try:
        return importlib.import_module("kcore._native.frozen")
    except ImportError as error:
        pytest.skip(f"the compiled kernel is not built: {error}")
    finally:
        # Importing a submodule binds it in its package, over what the switch has chosen.
        _native.frozen = chosen
