"""PodTopologyLabels: a pod that gets a node also gets the node's zone and region labels.

The scheduler's bindings carry them to the pod; a pod born with a node gets them at birth. Labels
of the same name are overwritten. A node that does not exist has nothing to give.
"""

from functools import lru_cache
from typing import Final

from kcore.apiserver.admission.plugin import CREATE, Attributes, Objects
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, Patch, Path, Paths, freeze

LABELS: Final = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone")

_OFFERED: Final = Paths(*[("metadata", "labels", label) for label in LABELS])
_NONE: Final = (None,) * len(LABELS)
_NODE: Final = Path("spec", "nodeName")
_TARGET: Final = Paths(("target", "kind"), ("target", "name"))
_OWN: Final = Path("metadata", "labels")
_LABELLED: Final = Patch(("metadata", "labels"))


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
        offered = _NONE if node is None else _OFFERED(node)
        if offered == _NONE:
            return obj
        labelled: FrozenMap = _LABELLED(obj, _joined(_OWN(obj), offered))
        return labelled


@lru_cache(maxsize=4096)  # A fact about texts; zones are few, and bindings have no own labels.
def _joined(own: FrozenMap | None, offered: tuple[str | None, ...]) -> FrozenMap:
    """The labels with those offered."""
    added = {
        label: value for label, value in zip(LABELS, offered, strict=True) if value is not None
    }
    joined: FrozenMap = freeze({**(own or EMPTY_MAP), **added})
    return joined
