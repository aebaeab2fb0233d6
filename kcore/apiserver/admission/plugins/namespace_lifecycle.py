"""NamespaceLifecycle: nothing is born in a missing or dying namespace; some never die."""

from typing import Final

from kcore.apiserver.admission.plugin import CREATE, DELETE, Attributes, Objects
from kcore.errors import ApiError, Cause, Details, forbidden, not_found
from kcore.machinery.frozen import FrozenMap, Path

IMMORTAL: Final = ("default", "kube-system", "kube-public")

_PHASE: Final = Path("status", "phase")


class NamespaceLifecycle:
    """Upstream's plugin of that name, without its wait for a lagging cache."""

    __slots__ = ()

    name: Final = "NamespaceLifecycle"
    repeatable: Final = True
    blind_to_bindings: Final = True

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """Births everywhere, deaths of namespaces."""
        if resource == "namespaces":
            return operation == DELETE
        return operation == CREATE

    def mutate(self, attributes: Attributes, objects: Objects) -> FrozenMap:
        """Refuse, or let pass; upstream does this in its mutating phase too.

        Raises:
            ApiError: 403 or 404.
        """
        if attributes.resource == "namespaces":
            if attributes.name in IMMORTAL:
                why = "this namespace may not be deleted"
                raise forbidden("namespaces", attributes.name, why)
        elif attributes.namespace:
            namespace = objects.get("namespaces", "", attributes.namespace)
            if namespace is None or _PHASE(namespace) == "Terminating":
                raise _refusal(attributes, is_gone=namespace is None)
        return attributes.object  # type: ignore[return-value]


def _refusal(attributes: Attributes, is_gone: bool) -> ApiError:
    name, info = attributes.namespace, attributes.info
    if is_gone:
        return not_found("namespaces", name)
    why = f"unable to create new content in namespace {name} because it is being terminated"
    refusal = forbidden(info.resource, attributes.name, why, info.gvk.group)
    cause = Cause(
        "NamespaceTerminating", f"namespace {name} is being terminated", "metadata.namespace"
    )
    details = Details(attributes.name, info.gvk.group, info.resource, causes=(cause,))
    return ApiError(403, "Forbidden", refusal.message, details)
