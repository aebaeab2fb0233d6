"""Addresses of hollow nodes and pods: handed out in order, from ranges of their own.

Nodes get 172.16.0.0/12, pods 10.128.0.0/9, which overlaps neither with kubeadm's services
(10.96.0.0/12). After eight million pods the range starts over.
"""

from typing import Final

_NODES: Final = (172 << 24) + (16 << 16)
_PODS: Final = (10 << 24) + (128 << 16)
_NODES_COUNT_MAX: Final = 2**20 - 2
_PODS_COUNT_MAX: Final = 2**23 - 2


def node_address(index: int) -> str:
    """`172.16.0.1` for node 0."""
    return _dotted(_NODES + 1 + index % _NODES_COUNT_MAX)


def pod_address(index: int) -> str:
    """`10.128.0.1` for pod 0."""
    return _dotted(_PODS + 1 + index % _PODS_COUNT_MAX)


def _dotted(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
