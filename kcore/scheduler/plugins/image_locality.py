"""Prefer nodes that hold the pod's images already, the more widespread ones first."""

from collections.abc import Mapping, Sequence
from typing import Final

from kcore.machinery.frozen import FrozenMap
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.interfaces import MAX_NODE_SCORE
from kcore.scheduler.node_info import ImageState, NodeInfo
from kcore.scheduler.pod_info import PodInfo

_MIB: Final = 1024 * 1024
# Upstream's bounds: images below 23 MiB are not worth it, above 1000 MiB per image nothing counts.
SIZE_MIN_BYTES: Final = 23 * _MIB
SIZE_MAX_BYTES: Final = 1000 * _MIB


class ImageLocality:
    """Score by the sizes of images on the node, each scaled by how many nodes have it."""

    name: Final = "ImageLocality"

    def __init__(self, args: FrozenMap) -> None:
        """Takes no args."""

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """Sum up the pod's images that lie here. O(containers)."""
        images = node.images
        if not images:
            return 0
        return images_score(images, pod.image_names, len(state.handle.snapshot))


def images_score(images: Mapping[str, ImageState], names: Sequence[str], nodes_count: int) -> int:
    """0..100 from those of the named images that are there. O(names)."""
    total = sum(scaled_size(images[name], nodes_count) for name in names if name in images)
    return priority(total, len(names))


def scaled_size(image: ImageState, nodes_count: int) -> int:
    """Bytes that count: the size times the share of nodes that have the image."""
    return int(float(image.size) * (image.nodes_count / nodes_count))


def priority(total_bytes: int, images_count: int) -> int:
    """0..100 from what lies on the node already."""
    highest = SIZE_MAX_BYTES * images_count
    clamped = min(max(total_bytes, SIZE_MIN_BYTES), max(highest, SIZE_MIN_BYTES))
    if highest <= SIZE_MIN_BYTES:
        return 0
    return MAX_NODE_SCORE * (clamped - SIZE_MIN_BYTES) // (highest - SIZE_MIN_BYTES)
