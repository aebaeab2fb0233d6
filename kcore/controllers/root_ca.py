"""Every active namespace has a ConfigMap `kube-root-ca.crt`, which pods mount with their token.

kcore has no certificates of its own: the bundle is a fixed text that says so.

Upstream: pkg/controller/certificates/rootcacertpublisher/publisher.go.
"""

from typing import Final

from kcore.errors import ApiError
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, freeze
from kcore.machinery.resource import NamespacedName
from kcore.reconcile.controller import Controller, ControllerContext
from kcore.reconcile.reconciler import DONE, Reconciler, Result
from kcore.reconcile.sources import For, Watches

NAME: Final = "kube-root-ca.crt"
DESCRIPTION: Final = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal "
    "endpoints such as the internal service IP or kubernetes.default.svc. No other usage is "
    "guaranteed across distributions of Kubernetes clusters."
)
BUNDLE: Final = (
    "-----BEGIN CERTIFICATE-----\n"
    "a2NvcmUgaGFzIG5vIGNlcnRpZmljYXRlIGF1dGhvcml0eQ==\n"
    "-----END CERTIFICATE-----\n"
)

_DATA: Final = freeze({"ca.crt": BUNDLE})
_ANNOTATIONS: Final = freeze({"kubernetes.io/description": DESCRIPTION})


def build_root_ca_controller(context: ControllerContext) -> Controller:
    """The publisher of the bundle; its keys are namespaces."""
    return Controller(
        "root-ca-certificate-publisher-controller",
        context,
        RootCAReconciler(context),
        [For("namespaces"), Watches("configmaps", bundle_namespace)],
    )


def bundle_namespace(config_map: FrozenMap) -> tuple[str, ...]:
    """The namespace of a bundle; other ConfigMaps do not matter."""
    metadata = config_map["metadata"]
    return (f"/{metadata['namespace']}",) if metadata["name"] == NAME else ()


class RootCAReconciler(Reconciler):
    """Creates the bundle, or writes it again when somebody changed it. O(log n)."""

    def __init__(self, context: ControllerContext) -> None:
        self._client = context.client
        self._namespaces = context.lister("namespaces")
        self._config_maps = context.lister("configmaps")

    def reconcile(self, request: NamespacedName) -> Result:
        """One namespace."""
        namespace = self._namespaces.get("", request.name)
        if namespace is None or namespace.at("status", "phase") != "Active":
            return DONE
        known = self._config_maps.get(request.name, NAME)
        if known is None:
            self._create(request.name)
        elif known.get("data") != _DATA or not _is_described(known):
            annotations = known.at("metadata", "annotations", default=EMPTY_MAP)
            for key in _ANNOTATIONS:
                annotations = annotations.set((key,), _ANNOTATIONS[key])
            fresh = known.set(("data",), _DATA).set(("metadata", "annotations"), annotations)
            self._client.update(fresh)
        return DONE

    def _create(self, namespace: str) -> None:
        config_map = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": NAME, "namespace": namespace, "annotations": _ANNOTATIONS},
            "data": _DATA,
        }
        try:
            self._client.create(freeze(config_map))
        except ApiError as error:
            # Somebody else was faster, or the namespace is going and needs nothing any more.
            going = any(cause.reason == "NamespaceTerminating" for cause in error.details.causes)
            if error.reason != "AlreadyExists" and not going:
                raise


def _is_described(config_map: FrozenMap) -> bool:
    annotations = config_map.at("metadata", "annotations", default=EMPTY_MAP)
    return all(annotations.get(key) == _ANNOTATIONS[key] for key in _ANNOTATIONS)
