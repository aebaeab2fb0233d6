"""Every active namespace has a ServiceAccount `default`: pods are not admitted without it.

Upstream: pkg/controller/serviceaccount/serviceaccounts_controller.go.
"""

from typing import Final

from kcore.errors import ApiError
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.resource import NamespacedName
from kcore.reconcile.controller import Controller, ControllerContext
from kcore.reconcile.reconciler import DONE, Reconciler, Result
from kcore.reconcile.sources import For, Watches

DEFAULT_NAME: Final = "default"


def build_service_account_controller(context: ControllerContext) -> Controller:
    """The controller of default ServiceAccounts; its keys are namespaces."""
    return Controller(
        "serviceaccount-controller",
        context,
        ServiceAccountReconciler(context),
        [For("namespaces"), Watches("serviceaccounts", default_account_namespace)],
    )


def default_account_namespace(account: FrozenMap) -> tuple[str, ...]:
    """The namespace of a default account; other accounts do not matter."""
    metadata = account["metadata"]
    return (f"/{metadata['namespace']}",) if metadata["name"] == DEFAULT_NAME else ()


class ServiceAccountReconciler(Reconciler):
    """Creates the account when it is missing. O(log n)."""

    def __init__(self, context: ControllerContext) -> None:
        self._client = context.client
        self._namespaces = context.lister("namespaces")
        self._accounts = context.lister("serviceaccounts")

    def reconcile(self, request: NamespacedName) -> Result:
        """One namespace."""
        namespace = self._namespaces.get("", request.name)
        if namespace is None or namespace.at("status", "phase") != "Active":
            return DONE
        if self._accounts.get(request.name, DEFAULT_NAME) is not None:
            return DONE
        account = {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": DEFAULT_NAME, "namespace": request.name},
        }
        try:
            self._client.create(freeze(account))
        except ApiError as error:
            # Somebody else was faster, or the namespace is going and needs nothing any more.
            going = any(cause.reason == "NamespaceTerminating" for cause in error.details.causes)
            if error.reason != "AlreadyExists" and not going:
                raise
        return DONE
