"""When a device was tainted: the one default that needs a clock.

`fill_taint_times` sets `timeAdded` of the taints of a ResourceSlice's devices and of a
DeviceTaintRule that do not say it. The caller brings the time.
"""

from kcore.api.filling import Step, fill, map_child, map_items
from kcore.machinery.frozen import FrozenMap

DEVICE_TAINT_RULE = "DeviceTaintRule"
RESOURCE_SLICE = "ResourceSlice"


def fill_taint_times(obj: FrozenMap, kind: str, now: str) -> FrozenMap:
    """`obj` with `now` (RFC 3339, whole seconds) where a taint has no time. O(devices)."""

    def taint(value: FrozenMap) -> FrozenMap:
        return fill(value, {"timeAdded": now})

    if kind == DEVICE_TAINT_RULE:
        return map_child(obj, "spec", lambda spec: map_child(spec, "taint", taint))
    return map_child(obj, "spec", _each_device(lambda device: map_items(device, "taints", taint)))


def _each_device(step: Step) -> Step:
    return lambda spec: map_items(spec, "devices", step)
