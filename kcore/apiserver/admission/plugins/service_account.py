"""ServiceAccount: pods run as `default` unless they say otherwise.

The account need not exist, no token volume is mounted, and image pull secrets are not copied.
"""

from typing import Final

from kcore.apiserver.admission.plugin import CREATE, Attributes, Objects
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap

DEFAULT_NAME: Final = "default"

_MIRROR: Final = "kubernetes.io/config.mirror"


class ServiceAccount:
    """Names the service account of new pods, in both of its fields."""

    __slots__ = ()

    name: Final = "ServiceAccount"
    repeatable: Final = True

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """New pods."""
        return resource == "pods" and not subresource and operation == CREATE

    def mutate(self, attributes: Attributes, objects: Objects) -> FrozenMap:
        """The pod with its account; mirror pods of static pods have none."""
        pod = attributes.object
        assert pod is not None  # A create has an object.
        if _MIRROR in pod.at("metadata", "annotations", default=EMPTY_MAP):
            return pod
        spec = pod.get("spec") or EMPTY_MAP
        account = spec.get("serviceAccountName") or spec.get("serviceAccount") or DEFAULT_NAME
        if spec.get("serviceAccountName") == account and spec.get("serviceAccount") == account:
            return pod
        spec = spec.set("serviceAccountName", account).set("serviceAccount", account)
        return pod.set("spec", spec)
