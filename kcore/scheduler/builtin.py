"""The one list of built-in plugins, and the default profile made of them."""

from typing import Final

from kcore.scheduler.framework.profile import (
    MULTI_POINT,
    EnabledPlugin,
    PluginSet,
    Profile,
)
from kcore.scheduler.framework.registry import Registry, TypedFactory
from kcore.scheduler.gpu_share.plugin import GpuShare, GpuShareArgs
from kcore.scheduler.plugins.balanced_allocation import NodeResourcesBalancedAllocation
from kcore.scheduler.plugins.default_binder import DefaultBinder
from kcore.scheduler.plugins.default_preemption import DefaultPreemption
from kcore.scheduler.plugins.dynamic_resources import DynamicResources
from kcore.scheduler.plugins.image_locality import ImageLocality
from kcore.scheduler.plugins.inter_pod_affinity import InterPodAffinity
from kcore.scheduler.plugins.node_affinity import NodeAffinity
from kcore.scheduler.plugins.node_declared_features import NodeDeclaredFeatures
from kcore.scheduler.plugins.node_name import NodeName
from kcore.scheduler.plugins.node_ports import NodePorts
from kcore.scheduler.plugins.node_resources_fit import NodeResourcesFit
from kcore.scheduler.plugins.node_unschedulable import NodeUnschedulable
from kcore.scheduler.plugins.node_volume_limits import NodeVolumeLimits
from kcore.scheduler.plugins.pod_topology_spread import PodTopologySpread
from kcore.scheduler.plugins.priority_sort import PrioritySort
from kcore.scheduler.plugins.scheduling_gates import SchedulingGates
from kcore.scheduler.plugins.taint_toleration import TaintToleration
from kcore.scheduler.plugins.volume_binding import VolumeBinding
from kcore.scheduler.plugins.volume_restrictions import VolumeRestrictions
from kcore.scheduler.plugins.volume_zone import VolumeZone

REGISTRY: Final = Registry(
    {
        "SchedulingGates": SchedulingGates,
        "PrioritySort": PrioritySort,
        "NodeName": NodeName,
        "NodeUnschedulable": NodeUnschedulable,
        "TaintToleration": TaintToleration,
        "NodeAffinity": NodeAffinity,
        "NodePorts": NodePorts,
        "NodeResourcesFit": NodeResourcesFit,
        "VolumeRestrictions": VolumeRestrictions,
        "NodeVolumeLimits": NodeVolumeLimits,
        "VolumeBinding": VolumeBinding,
        "VolumeZone": VolumeZone,
        "PodTopologySpread": PodTopologySpread,
        "InterPodAffinity": InterPodAffinity,
        "DynamicResources": DynamicResources,
        "DefaultPreemption": DefaultPreemption,
        "NodeResourcesBalancedAllocation": NodeResourcesBalancedAllocation,
        "ImageLocality": ImageLocality,
        "DefaultBinder": DefaultBinder,
        "NodeDeclaredFeatures": NodeDeclaredFeatures,
        # Not upstream's, and in no default profile.
        "GpuShare": TypedFactory(GpuShare, GpuShareArgs),
    }
)

# Upstream's order and weights (`getDefaultPlugins`, v1.37): the order of execution everywhere.
DEFAULT_PLUGINS: Final = (
    EnabledPlugin("SchedulingGates"),
    EnabledPlugin("PrioritySort"),
    EnabledPlugin("NodeName"),
    EnabledPlugin("NodeUnschedulable"),
    EnabledPlugin("TaintToleration", 3),
    EnabledPlugin("NodeAffinity", 2),
    EnabledPlugin("NodePorts"),
    EnabledPlugin("NodeResourcesFit", 1),
    EnabledPlugin("VolumeRestrictions"),
    EnabledPlugin("NodeVolumeLimits"),
    EnabledPlugin("VolumeBinding"),
    EnabledPlugin("VolumeZone"),
    EnabledPlugin("PodTopologySpread", 2),
    EnabledPlugin("InterPodAffinity", 2),
    EnabledPlugin("DynamicResources", 2),
    EnabledPlugin("DefaultPreemption"),
    EnabledPlugin("NodeResourcesBalancedAllocation", 1),
    EnabledPlugin("ImageLocality", 1),
    EnabledPlugin("DefaultBinder"),
    EnabledPlugin("NodeDeclaredFeatures"),
)

DEFAULT_PROFILE: Final = Profile(plugins={MULTI_POINT: PluginSet(enabled=DEFAULT_PLUGINS)})
