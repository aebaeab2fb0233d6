"""The Kubernetes control plane as a Python value.

    import kcore

    cluster = kcore.Cluster(nodes=5, seed=1)
    cluster.apply("app.yaml")
    cluster.settle()
    trial = cluster.fork()

Everything public is named here and loaded on first use, so that `import kcore` costs next to
nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from kcore.client.client import Client
    from kcore.cluster import ApplyError, ApplyReport, Change, Cluster, SettleResult, Snapshot
    from kcore.config import ClusterConfig, NodeSpec
    from kcore.errors import (
        ApiError,
        InvariantError,
        KcoreError,
        LimitError,
        ManifestError,
        NotModelledError,
    )
    from kcore.kubelet.behavior import Behavior
    from kcore.kubelet.node_shapes import NodeShape
    from kcore.machinery.frozen import FrozenList, FrozenMap, dumps, freeze, loads, thaw
    from kcore.runtime.choice import FairSource, RecordedSource, RecordingSource, SeededSource
    from kcore.runtime.faults import Effect, Fault

_HOMES: Final = {
    "ApiError": "kcore.errors",
    "ApplyError": "kcore.cluster",
    "ApplyReport": "kcore.cluster",
    "Behavior": "kcore.kubelet.behavior",
    "Change": "kcore.cluster",
    "Client": "kcore.client.client",
    "Cluster": "kcore.cluster",
    "ClusterConfig": "kcore.config",
    "Effect": "kcore.runtime.faults",
    "FairSource": "kcore.runtime.choice",
    "Fault": "kcore.runtime.faults",
    "FrozenList": "kcore.machinery.frozen",
    "FrozenMap": "kcore.machinery.frozen",
    "InvariantError": "kcore.errors",
    "KcoreError": "kcore.errors",
    "LimitError": "kcore.errors",
    "ManifestError": "kcore.errors",
    "NodeShape": "kcore.kubelet.node_shapes",
    "NodeSpec": "kcore.config",
    "NotModelledError": "kcore.errors",
    "RecordedSource": "kcore.runtime.choice",
    "RecordingSource": "kcore.runtime.choice",
    "SeededSource": "kcore.runtime.choice",
    "SettleResult": "kcore.cluster",
    "Snapshot": "kcore.cluster",
    "dumps": "kcore.machinery.frozen",
    "freeze": "kcore.machinery.frozen",
    "loads": "kcore.machinery.frozen",
    "thaw": "kcore.machinery.frozen",
}

__version__: Final = "0.1.0"

__all__ = [
    "ApiError",
    "ApplyError",
    "ApplyReport",
    "Behavior",
    "Change",
    "Client",
    "Cluster",
    "ClusterConfig",
    "Effect",
    "FairSource",
    "Fault",
    "FrozenList",
    "FrozenMap",
    "InvariantError",
    "KcoreError",
    "LimitError",
    "ManifestError",
    "NodeShape",
    "NodeSpec",
    "NotModelledError",
    "RecordedSource",
    "RecordingSource",
    "SeededSource",
    "SettleResult",
    "Snapshot",
    "__version__",
    "dumps",
    "freeze",
    "loads",
    "thaw",
]


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'kcore' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return list(__all__)
