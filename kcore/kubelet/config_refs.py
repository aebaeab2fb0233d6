"""Which ConfigMaps and Secrets a pod needs, and what a kubelet says when one is missing. Pure.

A missing required reference in `env` or `envFrom` keeps its container from being created; in a
volume it keeps the whole pod from starting. Optional references never do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap

CONFIG_MAP: Final = "configmap"
SECRET: Final = "secret"

Lookup = Callable[[str, str], FrozenMap | None]
"""(kind, name) -> the object in the pod's namespace, or None."""

# Published into every namespace by a controller of its own; a cluster without that controller
# must not keep every pod from starting.
PUBLISHED_EVERYWHERE: Final = "kube-root-ca.crt"

_TITLES: Final = {CONFIG_MAP: "ConfigMap", SECRET: "Secret"}


@dataclass(frozen=True, slots=True)
class Reference:
    """One use of a ConfigMap or Secret; without `keys` the whole object is meant."""

    kind: str
    name: str
    optional: bool
    keys: tuple[str, ...] = ()


def config_error(container: FrozenMap, namespace: str, lookup: Lookup) -> str:
    """Why this container cannot be configured; empty when it can. O(env)."""
    for reference in container_references(container):
        found = lookup(reference.kind, reference.name)
        if reference.optional:
            continue
        if found is None:
            return f'{reference.kind} "{reference.name}" not found'
        missing = _missing_key(reference, found)
        if missing:
            where = f"{_TITLES[reference.kind]} {namespace}/{reference.name}"
            return f"couldn't find key {missing} in {where}"
    return ""


def mount_error(pod: FrozenMap, lookup: Lookup) -> str:
    """Why a volume cannot be mounted; empty when all can. O(volumes)."""
    for volume in pod.at("spec", "volumes", default=EMPTY_LIST):
        for reference in volume_references(volume):
            found = lookup(reference.kind, reference.name)
            if reference.optional or reference.name == PUBLISHED_EVERYWHERE:
                continue
            rule = ""
            if found is None:
                rule = f'{reference.kind} "{reference.name}" not found'
            elif missing := _missing_key(reference, found):
                kind = "config" if reference.kind == CONFIG_MAP else "secret"
                owner = "configmap " if reference.kind == CONFIG_MAP else ""
                rule = f"{owner}references non-existent {kind} key: {missing}"
            if rule:
                return f'MountVolume.SetUp failed for volume "{volume["name"]}" : {rule}'
    return ""


def references_of(pod: FrozenMap) -> tuple[tuple[str, str], ...]:
    """(kind, name) of everything the pod needs or may use, each once, in order. O(pod)."""
    spec = pod["spec"]
    found: dict[tuple[str, str], None] = {}
    for key in ("initContainers", "containers"):
        for container in spec.get(key) or EMPTY_LIST:
            found |= {(ref.kind, ref.name): None for ref in container_references(container)}
    for volume in spec.get("volumes") or EMPTY_LIST:
        found |= {(ref.kind, ref.name): None for ref in volume_references(volume)}
    return tuple(found)


def container_references(container: FrozenMap) -> Iterator[Reference]:
    """References in `envFrom` and `env`, in the order in which a kubelet resolves them."""
    for source in container.get("envFrom") or EMPTY_LIST:
        for kind, field in ((CONFIG_MAP, "configMapRef"), (SECRET, "secretRef")):
            if (ref := source.get(field)) is not None:
                yield Reference(kind, ref.get("name") or "", bool(ref.optional))
    for variable in container.get("env") or EMPTY_LIST:
        source = variable.get("valueFrom") or EMPTY_MAP
        for kind, field in ((CONFIG_MAP, "configMapKeyRef"), (SECRET, "secretKeyRef")):
            if (ref := source.get(field)) is not None:
                yield Reference(kind, ref.get("name") or "", bool(ref.optional), (ref["key"],))


def volume_references(volume: FrozenMap) -> Iterator[Reference]:
    """References of one volume, projected sources included."""
    if (source := volume.get("configMap")) is not None:
        yield _volume_reference(CONFIG_MAP, source.get("name"), source)
    if (source := volume.get("secret")) is not None:
        yield _volume_reference(SECRET, source.get("secretName"), source)
    for source in volume.at("projected", "sources", default=EMPTY_LIST):
        for kind, field in ((CONFIG_MAP, "configMap"), (SECRET, "secret")):
            if (inner := source.get(field)) is not None:
                yield _volume_reference(kind, inner.get("name"), inner)


def _volume_reference(kind: str, name: str | None, source: FrozenMap) -> Reference:
    keys = tuple(item["key"] for item in source.get("items") or EMPTY_LIST)
    return Reference(kind, name or "", bool(source.optional), keys)


def _missing_key(reference: Reference, found: FrozenMap) -> str:
    data = found.get("data") or EMPTY_MAP
    binary = found.get("binaryData") or EMPTY_MAP
    return next((key for key in reference.keys if key not in data and key not in binary), "")
