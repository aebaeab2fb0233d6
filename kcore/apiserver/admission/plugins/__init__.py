"""Built-in plugins in upstream's order."""

from kcore.apiserver.admission.plugin import Plugin
from kcore.apiserver.admission.plugins.callback import Callback
from kcore.apiserver.admission.plugins.default_toleration_seconds import DefaultTolerationSeconds
from kcore.apiserver.admission.plugins.limit_ranger import LimitRanger
from kcore.apiserver.admission.plugins.namespace_lifecycle import NamespaceLifecycle
from kcore.apiserver.admission.plugins.pod_topology_labels import PodTopologyLabels
from kcore.apiserver.admission.plugins.priority import Priority
from kcore.apiserver.admission.plugins.service_account import ServiceAccount
from kcore.apiserver.admission.plugins.storage_class import StorageClass
from kcore.apiserver.admission.plugins.storage_in_use_protection import StorageInUseProtection
from kcore.apiserver.admission.plugins.taint_new_nodes import TaintNewNodes


def default_plugins() -> tuple[Plugin, ...]:
    """What is on unless somebody says otherwise."""
    return (
        NamespaceLifecycle(),
        LimitRanger(),
        ServiceAccount(),
        TaintNewNodes(),
        PodTopologyLabels(),
        Priority(),
        DefaultTolerationSeconds(),
        StorageClass(),
        StorageInUseProtection(),
    )


__all__ = ["Callback", "default_plugins"]
