"""Namespaces and volumes: what the server itself writes into them."""

from typing import Final

from kcore.api.core_v1.claim_sources import normalised_sources
from kcore.apiserver.context import ServerContext
from kcore.apiserver.strategy.base import Hooks
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap

_NAME_LABEL: Final = ("metadata", "labels", "kubernetes.io/metadata.name")
FINALIZER: Final = "kubernetes"


def born_namespace(namespace: FrozenMap, context: ServerContext) -> FrozenMap:
    """Active, carrying its name as a label and the finalizer of the namespace controller."""
    finalizers = namespace.at("spec", "finalizers", default=EMPTY_LIST)
    if FINALIZER not in finalizers:
        namespace = namespace.set(("spec", "finalizers"), (*finalizers, FINALIZER))
    return _labelled(namespace).set("status", {"phase": "Active"})


def updated_namespace(new: FrozenMap, old: FrozenMap, context: ServerContext) -> FrozenMap:
    """Finalizers change through /finalize only."""
    kept = old.at("spec", "finalizers")
    if kept is None:
        new = new.remove(("spec", "finalizers"))
    else:
        new = new.set(("spec", "finalizers"), kept)
    return _labelled(new)


def _labelled(namespace: FrozenMap) -> FrozenMap:
    name = namespace["metadata"].get("name")
    return namespace.set(_NAME_LABEL, name) if name else namespace


def born_volume(volume: FrozenMap, context: ServerContext) -> FrozenMap:
    """Pending, since now."""
    status = {"phase": "Pending", "lastPhaseTransitionTime": context.now_text()}
    return volume.set("status", status)


def born_claim(claim: FrozenMap, context: ServerContext) -> FrozenMap:
    """Pending, and with both fields that say where its content comes from."""
    return _normalised(claim, None).set("status", {"phase": "Pending"})


def updated_claim(new: FrozenMap, old: FrozenMap, context: ServerContext) -> FrozenMap:
    """With both fields that say where its content comes from."""
    return _normalised(new, old.get("spec") or EMPTY_MAP)


def _normalised(claim: FrozenMap, old_spec: FrozenMap | None) -> FrozenMap:
    spec = claim.get("spec") or EMPTY_MAP
    changed = normalised_sources(spec, old_spec)
    return claim if changed is spec else claim.set("spec", changed)


def updated_driver(new: FrozenMap, old: FrozenMap, context: ServerContext) -> FrozenMap:
    """Generations of drivers are counted from their first change on."""
    if new.get("spec") == old.get("spec"):
        return new
    generation = old["metadata"].get("generation") or 0
    return new.set(("metadata", "generation"), generation + 1)


def updated_signing_request(new: FrozenMap, old: FrozenMap, context: ServerContext) -> FrozenMap:
    """What is to be signed never changes."""
    return new.set("spec", old["spec"]) if "spec" in old else new


SIGNING_REQUEST: Final = Hooks(at_update=updated_signing_request)
CSI_DRIVER: Final = Hooks(at_update=updated_driver)
NAMESPACE: Final = Hooks(at_birth=born_namespace, at_update=updated_namespace)
PERSISTENT_VOLUME: Final = Hooks(at_birth=born_volume)
PERSISTENT_VOLUME_CLAIM: Final = Hooks(at_birth=born_claim, at_update=updated_claim)
