"""Family name -> the module whose `registry` answers it."""

import importlib

from tests.conformance.registry import Registry

MODULES = {
    "machinery": "tests.conformance.machinery",
    "patch": "tests.conformance.patch",
    "strategy": "tests.conformance.strategy",
    "transcript": "tests.conformance.transcript",
    "scheduler": "tests.conformance.scheduler",
    "controllers": "tests.conformance.controllers",
    "etcd": "tests.conformance.etcd",
}


def registry_of(family: str) -> Registry:
    """The family's registry; an empty one (all unsupported) if nobody has written it."""
    name = MODULES.get(family)
    if name is None:
        return Registry(family)
    try:
        return importlib.import_module(name).registry
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return Registry(family)
