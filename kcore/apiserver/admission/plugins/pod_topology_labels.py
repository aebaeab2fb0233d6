"""PodTopologyLabels: a pod that gets a node also gets the node's zone and region labels.

The scheduler's bindings carry them to the pod; a pod born with a node gets them at birth. Labels
of the same name are overwritten. A node that does not exist has nothing to give.
"""

from typing import Final

from kcore.apiserver.admission.plugin import CREATE, Attributes, Objects
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap

LABELS: Final = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone")


class PodTopologyLabels:
    """Copies topology labels to pods and bindings."""

    __slots__ = ()

    name: Final = "PodTopologyLabels"
    repeatable: Final = True

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """New pods and their bindings."""
        return resource == "pods" and subresource in ("", "binding") and operation == CREATE

    def mutate(self, attributes: Attributes, objects: Objects) -> FrozenMap:
        """The pod or binding with its node's labels; unchanged without node or labels. O(1)."""
        obj = attributes.object
        assert obj is not None  # A create has an object.
        node = objects.get("nodes", "", _node_name(obj, attributes.subresource))
        if node is None:
            return obj
        offered = node["metadata"].get("labels") or EMPTY_MAP
        added = {name: offered[name] for name in LABELS if name in offered}
        if not added:
            return obj
        own = obj["metadata"].get("labels") or EMPTY_MAP
        return obj.set(("metadata", "labels"), {**own, **added})


def _node_name(obj: FrozenMap, subresource: str) -> str:
    if not subresource:
        name: str = obj.at("spec", "nodeName", default="")
        return name
    target = obj.get("target") or EMPTY_MAP
    return target.get("name") or "" if target.get("kind") == "Node" else ""
