"""Every test of the value kernel runs on both kernels, imported directly, not by the switch."""

import importlib
from types import ModuleType

import pytest

from kcore._native.reference import frozen as twin


@pytest.fixture(params=["twin", "compiled"], scope="session")
def kernel(request: pytest.FixtureRequest) -> ModuleType:
    if request.param == "twin":
        return twin
    return request.getfixturevalue("compiled")


@pytest.fixture(scope="session")
def compiled() -> ModuleType:
    try:
        return importlib.import_module("kcore._native.frozen")
    except ImportError as error:
        pytest.skip(f"the compiled kernel is not built: {error}")
