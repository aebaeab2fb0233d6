"""Which pods hold how much of which GPU of a node, read from labels and annotations.

The names are those of Alibaba's GPU-share extender: a node has `alibabacloud.com/gpu-count` GPUs
among its allocatable resources and their model in a label; a pod asks in annotations for so many
GPUs and milli of each, and the scheduler writes down which ones it got (`2-3`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from kcore.errors import KcoreError
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.scheduler.gpu_share.placement import MAX_GPUS, WHOLE_GPU_MILLI
from kcore.scheduler.node_info import NodeInfo

COUNT: Final = "alibabacloud.com/gpu-count"
MILLI: Final = "alibabacloud.com/gpu-milli"
MODEL: Final = "alibabacloud.com/gpu-card-model"
INDEX: Final = "alibabacloud.com/gpu-index"

SHARED_TAG: Final = 0
"""The affinity of pods with a part of a GPU; that of pods with n whole ones is n."""


class GpuRequestError(KcoreError):
    """A pod's annotations ask for GPUs in a way that cannot be met."""


def gpus_of(pod: FrozenMap) -> tuple[int, int]:
    """How many GPUs a pod asks for, and milli of each; zeros for none.

    Raises:
        GpuRequestError: no numbers, or a part of more than one GPU.
    """
    annotations = pod.at("metadata", "annotations", default=EMPTY_MAP)
    milli = _number(annotations, MILLI, 0)
    count = _number(annotations, COUNT, 1 if milli else 0)
    if not count:
        return 0, 0
    milli = milli or WHOLE_GPU_MILLI
    whole = milli == WHOLE_GPU_MILLI and count <= MAX_GPUS
    if not whole and not (count == 1 and 0 < milli < WHOLE_GPU_MILLI):
        raise GpuRequestError(
            f"{COUNT} {count}, {MILLI} {milli}: whole GPUs (1 to {MAX_GPUS}), or a part of one"
        )
    return count, milli


def models_of(pod: FrozenMap) -> tuple[str, ...]:
    """GPU models that a pod accepts (`V100M16|V100M32`); none means any."""
    text = pod.at("metadata", "annotations", MODEL, default="")
    return tuple(filter(None, text.split("|")))


def gpu_count(node: NodeInfo) -> int:
    """How many GPUs a node has."""
    return min(int(node.allocatable.get(COUNT)), MAX_GPUS)


def gpu_model(node: NodeInfo) -> str:
    """The model of a node's GPUs, empty if its label does not say."""
    return str(node.labels.get(MODEL) or "")


def tag_of(count: int, milli: int) -> int:
    """The affinity of a pod by what it asks for."""
    return SHARED_TAG if milli < WHOLE_GPU_MILLI else count


def usage(pods: Iterable[FrozenMap], count: int) -> tuple[list[int], int]:
    """What pods leave on each of `count` devices, and their affinities as bits. O(pods).

    A pod whose devices are not written down yet is counted on those that fit best. Where its
    devices matter, look at what the API holds, which is always complete.
    """
    left = [WHOLE_GPU_MILLI] * count
    tags = 0
    unwritten = []
    for pod in pods:
        gpus, milli = _known_request(pod)
        if not gpus:
            continue
        tags |= 1 << tag_of(gpus, milli)
        held = _indexes(pod)
        if not held:
            unwritten.append((gpus, milli))
        for index in held:
            if index < len(left):
                left[index] = max(left[index] - milli, 0)
    for gpus, milli in unwritten:
        for index in best_devices(left, gpus, milli):
            left[index] -= milli
    return left, tags


def best_devices(left: Sequence[int], count: int, milli: int) -> list[int]:
    """The first idle devices for whole GPUs; for a part, the fullest that can take it."""
    if milli == WHOLE_GPU_MILLI:
        return [index for index, one in enumerate(left) if one == WHOLE_GPU_MILLI][:count]
    fitting = [index for index, one in enumerate(left) if one >= milli]
    return [min(fitting, key=lambda index: (left[index], index))] if fitting else []


def _known_request(pod: FrozenMap) -> tuple[int, int]:
    """What a pod on a node asks for; one with wrong annotations holds nothing."""
    try:
        return gpus_of(pod)
    except GpuRequestError:
        return 0, 0


def _indexes(pod: FrozenMap) -> list[int]:
    text = pod.at("metadata", "annotations", INDEX, default="")
    return [int(word) for word in text.split("-") if word.isdigit()]


def _number(annotations: Mapping[str, str], name: str, absent: int) -> int:
    text = annotations.get(name)
    if not text:
        return absent
    if not text.isdigit():
        raise GpuRequestError(f"{name} {text!r}: must be a whole number")
    return int(text)
