"""Pods that share GPUs, and where each policy puts them: the door to the kernel.

See `kcore/_native/reference/gpu_placement.py` for the policies themselves.
"""

from kcore._native import gpu_placement

Placement = gpu_placement.Placement
POLICIES = gpu_placement.POLICIES
MAX_GPUS = gpu_placement.MAX_GPUS
WHOLE_GPU_MILLI = gpu_placement.WHOLE_GPU_MILLI

__all__ = ["MAX_GPUS", "POLICIES", "WHOLE_GPU_MILLI", "Placement"]
