"""Custom resources: from stored CustomResourceDefinitions to what is served.

What a definition means follows from the definition (`kcore.api.custom_kind`). Here it is found,
established (accepted names and conditions, which a controller inside upstream's API server
writes), and taken away again with everything of its kind. The server asks at every write of a
definition; nothing waits and nothing polls.
"""

from collections.abc import Iterable
from typing import Final

from kcore.api.custom_kind import custom_kind
from kcore.apiserver.context import ServerContext
from kcore.apiserver.endpoint import Endpoint, build_custom_endpoint
from kcore.apiserver.storage import Storage
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap, freeze
from kcore.machinery.meta import condition_of
from kcore.machinery.scheme import Scheme

DEFINITIONS: Final = "customresourcedefinitions.apiextensions.k8s.io"
CLEANUP_FINALIZER: Final = "customresourcecleanup.apiextensions.k8s.io"

Definitions = dict[str, FrozenMap]


def definitions(storage: Storage) -> Definitions:
    """Every definition there is, by name."""
    return {each["metadata"]["name"]: each for each in storage.objects(DEFINITIONS)}


def scheme_with(scheme: Scheme, found: Iterable[FrozenMap]) -> Scheme:
    """`scheme` with the kinds of the established ones among these definitions."""
    rows = [
        version.info
        for definition in found
        if is_established(definition)
        for version in custom_kind(definition).versions.values()
    ]
    return Scheme([*scheme, *rows]) if rows else scheme


def is_established(definition: FrozenMap) -> bool:
    """Whether its resources are served."""
    condition = condition_of(definition, "Established")
    return condition is not None and condition.get("status") == "True"


def custom_endpoint(storage: Storage, group: str, version: str, resource: str) -> Endpoint | None:
    """The endpoint of a custom resource; None when no definition says so."""
    definition = storage.get(DEFINITIONS, "", f"{resource}.{group}")
    if definition is None or not is_established(definition):
        return None
    kind = custom_kind(definition)
    found = kind.versions.get(version)
    return None if found is None else build_custom_endpoint(kind, found)


def establish(context: ServerContext) -> None:
    """Give new definitions, and those with new names, their names and conditions."""
    for name, definition in definitions(context.storage).items():
        names = definition["spec"]["names"]
        if definition.at("status", "acceptedNames") == names and is_established(definition):
            continue
        accepted = definition.set(("status", "acceptedNames"), names)
        if not is_established(definition):
            accepted = accepted.set(("status", "conditions"), _conditions(context.now_text()))
        _rewrite(context.storage, name, accepted)


def _conditions(now: str) -> list[dict[str, str]]:
    said = (
        ("NamesAccepted", "NoConflicts", "no conflicts found"),
        ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    )
    return [
        {
            "type": kind,
            "status": "True",
            "lastTransitionTime": now,
            "reason": reason,
            "message": message,
        }
        for kind, reason, message in said
    ]


def _rewrite(storage: Storage, name: str, definition: FrozenMap) -> None:
    stored = storage.read(DEFINITIONS, f"/{name}")
    if stored is not None:
        storage.update(DEFINITIONS, f"/{name}", definition, stored.mod_revision)


def marked_for_cleanup(context: ServerContext, definition: FrozenMap) -> FrozenMap:
    """A definition that is being deleted, as the first answer to its deletion shows it."""
    held = definition.at("metadata", "finalizers", default=EMPTY_LIST)
    terminating = {
        "type": "Terminating",
        "status": "True",
        "lastTransitionTime": context.now_text(),
        "reason": "InstanceDeletionPending",
        "message": "CustomResourceDefinition marked for deletion; "
        "CustomResource deletion will begin soon",
    }
    conditions = definition.at("status", "conditions", default=EMPTY_LIST)
    marked = definition.set(("metadata", "deletionTimestamp"), context.now_text())
    marked = marked.set(("metadata", "finalizers"), freeze([*held, CLEANUP_FINALIZER]))
    return marked.set(("status", "conditions"), freeze([*conditions, terminating]))


def clean_up(context: ServerContext, before: Definitions) -> None:
    """Remove what definitions that are gone or going defined, then those that are going."""
    storage = context.storage
    after = definitions(storage)
    for name, definition in before.items():
        current = after.get(name)
        if current is None or current["metadata"].get("deletionTimestamp"):
            _remove_objects(storage, definition)
    for name, definition in after.items():
        metadata = definition["metadata"]
        held = metadata.get("finalizers") or EMPTY_LIST
        if not metadata.get("deletionTimestamp") or CLEANUP_FINALIZER not in held:
            continue
        left = [finalizer for finalizer in held if finalizer != CLEANUP_FINALIZER]
        stored = storage.read(DEFINITIONS, f"/{name}")
        if left:
            _rewrite(storage, name, definition.set(("metadata", "finalizers"), freeze(left)))
        elif stored is not None:
            storage.delete(DEFINITIONS, f"/{name}", stored.mod_revision)


def _remove_objects(storage: Storage, definition: FrozenMap) -> None:
    spec = definition["spec"]
    bucket = f"{spec['names']['plural']}.{spec['group']}"
    storage.declare(bucket)
    for obj in list(storage.objects(bucket)):
        metadata = obj["metadata"]
        key = f"{metadata.get('namespace') or ''}/{metadata['name']}"
        storage.delete(bucket, key, int(metadata["resourceVersion"]))
