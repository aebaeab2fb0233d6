"""Family name -> the module whose `registry` answers it."""

import importlib

from tests.conformance.registry import Registry

MODULES = {
    "machinery": "tests.conformance.machinery",
    "patch": "tests.conformance.patch",
    "patch/apply": "tests.conformance.apply_topics",
    "patch/sequences": "tests.conformance.apply_sequences",
    "strategy": "tests.conformance.strategy",
    "strategy/roundtrip": "tests.conformance.both_forms",
    "transcript": "tests.conformance.transcript",
    "transcript/etcd-snapshot": "tests.conformance.etcd_snapshot_objects",
    "transcript/protobuf": "tests.conformance.protobuf_objects",
    "transcript/tables": "tests.conformance.tables",
    "scheduler": "tests.conformance.scheduler",
    "controllers": "tests.conformance.controllers",
    "etcd": "tests.conformance.etcd",
}


def registry_of(family: str) -> Registry:
    """The family's registry; an empty one (all unsupported) if nobody has written it.

    Modules under `family/...` answer some of its topics.
    """
    whole = Registry(family)
    for key, name in MODULES.items():
        if key.partition("/")[0] == family:
            part = _imported(name, family)
            whole.implementations.update(part.implementations)
            whole.preparations.extend(part.preparations)
    return whole


def _imported(name: str, family: str) -> Registry:
    try:
        return importlib.import_module(name).registry
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return Registry(family)
