"""Every test of a kernel runs on both kernels, imported directly, not by the switch."""

import gc
import importlib
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import pytest

from kcore import _native
from kcore._native.reference import btree as btree_twin
from kcore._native.reference import chance as chance_twin
from kcore._native.reference import frozen as twin
from kcore._native.reference import instants as instants_twin
from kcore._native.reference import ledger as ledger_twin
from kcore._native.reference import matcher as matcher_twin
from kcore._native.reference import postings as postings_twin
from kcore._native.reference import quantity as quantity_twin
from kcore._native.reference import record as record_twin
from kcore._native.reference import trace as trace_twin
from kcore._native.reference import turns as turns_twin


def compiled_kernel(name: str) -> ModuleType:
    """A compiled kernel; the test is skipped where it is not built."""
    chosen = {kernel: getattr(_native, kernel) for kernel in _native.COMPILED_KERNELS}
    try:
        return importlib.import_module(f"kcore._native.{name}")
    except ImportError as error:
        pytest.skip(f"the compiled kernel is not built: {error}")
    finally:
        # Importing a submodule binds it in its package, over what the switch has chosen.
        for kernel, module in chosen.items():
            setattr(_native, kernel, module)


@pytest.fixture(params=["twin", "compiled"], scope="session")
def kernel(request: pytest.FixtureRequest) -> ModuleType:
    return twin if request.param == "twin" else compiled_kernel("frozen")


@pytest.fixture(scope="session")
def compiled() -> ModuleType:
    return compiled_kernel("frozen")


@pytest.fixture(params=["twin", "compiled"], scope="session")
def chance(request: pytest.FixtureRequest) -> ModuleType:
    return chance_twin if request.param == "twin" else compiled_kernel("chance")


@pytest.fixture(scope="session")
def compiled_chance() -> ModuleType:
    return compiled_kernel("chance")


@pytest.fixture(params=["twin", "compiled"], scope="session")
def quantity(request: pytest.FixtureRequest) -> ModuleType:
    return quantity_twin if request.param == "twin" else compiled_kernel("quantity")


@pytest.fixture(scope="session")
def compiled_quantity() -> ModuleType:
    return compiled_kernel("quantity")


@pytest.fixture(params=["twin", "compiled"], scope="session")
def matcher(request: pytest.FixtureRequest) -> ModuleType:
    return matcher_twin if request.param == "twin" else compiled_kernel("matcher")


@pytest.fixture(scope="session")
def compiled_matcher() -> ModuleType:
    return compiled_kernel("matcher")


@pytest.fixture(params=["twin", "compiled"], scope="session")
def postings(request: pytest.FixtureRequest) -> ModuleType:
    return postings_twin if request.param == "twin" else compiled_kernel("postings")


@pytest.fixture(scope="session")
def compiled_postings() -> ModuleType:
    return compiled_kernel("postings")


@pytest.fixture(params=["twin", "compiled"], scope="session")
def btree(request: pytest.FixtureRequest) -> ModuleType:
    return btree_twin if request.param == "twin" else compiled_kernel("btree")


@pytest.fixture(params=["as it comes", "keeping answers"], scope="module")
def compiled_btree(request: pytest.FixtureRequest) -> Iterator[ModuleType]:
    """The kernel as it is, and with trees that keep their latest answers however small they are."""
    kernel = compiled_kernel("btree")
    gc.collect()  # `_live` counts all trees: those that other tests left must not go meanwhile.
    before = kernel._keep_recent(0, 1) if request.param == "keeping answers" else None
    yield kernel
    if before is not None:
        kernel._keep_recent(*before)


@pytest.fixture(params=["twin", "compiled"], scope="session")
def record(request: pytest.FixtureRequest) -> ModuleType:
    return record_twin if request.param == "twin" else compiled_kernel("record")


@pytest.fixture(scope="session")
def compiled_record() -> ModuleType:
    return compiled_kernel("record")


@pytest.fixture(params=["twin", "compiled"], scope="session")
def trace(request: pytest.FixtureRequest) -> ModuleType:
    return trace_twin if request.param == "twin" else compiled_kernel("trace")


@pytest.fixture(scope="session")
def compiled_trace() -> ModuleType:
    return compiled_kernel("trace")


@pytest.fixture(params=["twin", "compiled"], scope="session")
def turns(request: pytest.FixtureRequest) -> ModuleType:
    return turns_twin if request.param == "twin" else compiled_kernel("turns")


@pytest.fixture(params=["twin", "compiled"], scope="session")
def instants_kernel(request: pytest.FixtureRequest) -> ModuleType:
    return instants_twin if request.param == "twin" else compiled_kernel("instants")


@pytest.fixture
def no_collector() -> Iterator[None]:
    """For tests that take memory away: the collector, and who watches it run, would not get any."""
    gc.disable()
    yield
    gc.enable()


def ledger_pair(which: str) -> SimpleNamespace:
    """The kernels `btree` and `ledger`, which belong together: the twins or the compiled ones."""
    if which == "twin":
        return SimpleNamespace(btree=btree_twin, ledger=ledger_twin)
    return SimpleNamespace(btree=compiled_kernel("btree"), ledger=compiled_kernel("ledger"))
