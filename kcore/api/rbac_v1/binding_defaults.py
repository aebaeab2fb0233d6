"""Defaults of RoleBinding and ClusterRoleBinding: the groups of what they name."""

from typing import Final

from kcore.api.filling import fill_empty, map_child, map_items
from kcore.machinery.frozen import FrozenMap

GROUP: Final = "rbac.authorization.k8s.io"


def default_binding(binding: FrozenMap) -> FrozenMap:
    """Roles, users and groups belong to the RBAC group; service accounts to the core."""
    binding = map_child(binding, "roleRef", lambda role: fill_empty(role, {"apiGroup": GROUP}))
    return map_items(binding, "subjects", _subject)


def _subject(subject: FrozenMap) -> FrozenMap:
    if subject.get("kind") in ("User", "Group"):
        return fill_empty(subject, {"apiGroup": GROUP})
    return subject
