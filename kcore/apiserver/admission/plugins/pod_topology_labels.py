"""PodTopologyLabels: a pod that gets a node also gets the node's zone and region labels.

The scheduler's bindings carry them to the pod; a pod born with a node gets them at birth. Labels
of the same name are overwritten. A node that does not exist has nothing to give.
"""

from typing import Final

from kcore.apiserver.admission.plugin import CREATE, Attributes, Objects
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, Path, Paths

LABELS: Final = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone")

_OFFERED: Final = Paths(*[("metadata", "labels", label) for label in LABELS])
_NONE: Final = (None,) * len(LABELS)
_NODE: Final = Path("spec", "nodeName")
_TARGET: Final = Paths(("target", "kind"), ("target", "name"))


class PodTopologyLabels:
    """Copies topology labels to pods and bindings."""

    __slots__ = ()

    name: Final = "PodTopologyLabels"
    repeatable: Final = True
    copied_labels: Final = LABELS

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """New pods and their bindings."""
        return resource == "pods" and subresource in ("", "binding") and operation == CREATE

    def mutate(self, attributes: Attributes, objects: Objects) -> FrozenMap:
        """The pod or binding with its node's labels; unchanged without node or labels. O(1)."""
        obj = attributes.object
        assert obj is not None  # A create has an object.
        if attributes.subresource:
            kind, name = _TARGET(obj)
            name = name if kind == "Node" else None
        else:
            name = _NODE(obj)
        node = objects.get("nodes", "", name or "")
        if node is None or _OFFERED(node) == _NONE:
            return obj
        offered = node["metadata"]["labels"]
        added = {name: offered[name] for name in LABELS if name in offered}
        own = obj["metadata"].get("labels") or EMPTY_MAP
        return obj.set(("metadata", "labels"), {**own, **added})
