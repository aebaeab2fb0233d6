"""A pod made from a template: labels, annotations, finalizers, spec, owner; the server names it."""

from typing import Any, Final

from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, freeze

# A Pod name is a DNS subdomain: 253 characters, of which the server appends five at random.
NAME_LENGTH_MAX: Final = 253


def pod_from_template(template: FrozenMap, owner_name: str, reference: FrozenMap) -> FrozenMap:
    """The pod to create for `owner_name`, controlled through `reference`."""
    source = template.get("metadata") or EMPTY_MAP
    metadata: dict[str, Any] = {
        "generateName": generate_name(owner_name),
        "ownerReferences": [reference],
    }
    for field in ("labels", "annotations", "finalizers"):
        if source.get(field):
            metadata[field] = source[field]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": template.get("spec") or EMPTY_MAP,
    }
    value: FrozenMap = freeze(pod)
    return value


def generate_name(owner_name: str) -> str:
    """`web-`, or the bare name when the dash would make it too long."""
    prefix = f"{owner_name}-"
    return prefix if len(prefix) <= NAME_LENGTH_MAX else owner_name
