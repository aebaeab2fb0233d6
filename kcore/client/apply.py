"""Client-side apply: what `kubectl apply -f` does, over any client.

The object as last applied is kept in an annotation. A change is the three-way difference of that,
the object as it is, and the object as wanted, so that fields somebody else set survive and fields
removed from the manifest go.
"""

from typing import Final, Literal

from kcore.client.client import Client
from kcore.errors import ApiError
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, loads
from kcore.machinery.go_text import json_text
from kcore.machinery.patch.three_way import three_way_patch
from kcore.machinery.request import MERGE_PATCH, STRATEGIC_MERGE_PATCH
from kcore.machinery.schema import is_typed

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"


def apply(
    client: Client, obj: FrozenMap, namespace: str
) -> tuple[Literal["created", "configured", "unchanged"], FrozenMap]:
    """Create `obj`, or change the object of that name to what `obj` asks for.

    Returns:
        kubectl's word for what happened, and the object as it is now.

    Raises:
        ApiError: the server refused; nothing was written.
    """
    info = client.resource_info_of(obj)
    if info.namespaced and not obj.at("metadata", "namespace"):
        obj = obj.set(("metadata", "namespace"), namespace)
    wanted = _with_last_applied(obj)
    resource = str(info.group_resource)
    name = obj.at("metadata", "name", default="")
    namespace = obj.at("metadata", "namespace", default="")
    try:
        current = client.get(resource, name, namespace)
    except ApiError as error:
        if error.code != 404 or error.details.kind != info.resource:
            raise
        return "created", client.create(wanted, namespace, field_validation="Strict")
    patch = three_way_patch(_last_applied(current), wanted, current, info.gvk)
    if not patch:
        return "unchanged", current
    changed = client.patch(
        resource,
        name,
        patch,
        namespace,
        patch_type=STRATEGIC_MERGE_PATCH if is_typed(info.gvk) else MERGE_PATCH,
        field_validation="Strict",
    )
    return ("unchanged" if changed == current else "configured"), changed


def _with_last_applied(obj: FrozenMap) -> FrozenMap:
    path = ("metadata", "annotations")
    annotations = obj.at(*path, default=EMPTY_MAP).remove(LAST_APPLIED)
    plain = obj.set(path, annotations)
    return plain.set((*path, LAST_APPLIED), json_text(plain) + "\n")


def _last_applied(current: FrozenMap) -> FrozenMap | None:
    text = current.at("metadata", "annotations", LAST_APPLIED)
    if not text:
        return None
    value = loads(text)
    return value if isinstance(value, FrozenMap) else None
