"""Pods that no volume or device plugin has anything to say about: most of them."""

from typing import Final

from kcore.machinery.frozen import EMPTY_LIST
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.interfaces import Plugin
from kcore.scheduler.framework.runner import Runner
from kcore.scheduler.plugins.dynamic_resources import DynamicResources
from kcore.scheduler.plugins.node_volume_limits import NodeVolumeLimits
from kcore.scheduler.plugins.volume_binding import VolumeBinding, scores_nothing
from kcore.scheduler.plugins.volume_restrictions import VolumeRestrictions
from kcore.scheduler.plugins.volume_zone import VolumeZone
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.unmodelled import unmodelled_constraints

_KINDS: Final = (
    VolumeRestrictions,
    NodeVolumeLimits,
    VolumeBinding,
    VolumeZone,
    DynamicResources,
)
# Volumes that are made where the pod runs.
_LOCAL: Final = frozenset(
    ("name", "configMap", "secret", "emptyDir", "projected", "downwardAPI", "hostPath", "image")
)


def is_idle(pod: PodInfo) -> bool:
    """Whether the plugins of `idle_names` skip the pod and score it 0 everywhere. O(volumes)."""
    volumes = pod.spec.get("volumes") or EMPTY_LIST
    if any(field not in _LOCAL for volume in volumes for field in volume):
        return False
    return not unmodelled_constraints(pod.pod)


def idle_names(runner: Runner) -> frozenset[str]:
    """The profile's built-in plugins that look at volumes and devices alone."""
    return frozenset(name for name, plugin in runner.plugins.items() if type(plugin) in _KINDS)


def is_silent(plugin: Plugin, state: CycleState) -> bool:
    """Whether a built-in plugin scores every node 0 in this search.

    `DynamicResources` refuses all pods that it could prefer a node for.
    """
    if type(plugin) is VolumeBinding:
        return scores_nothing(state)
    return type(plugin) is DynamicResources
