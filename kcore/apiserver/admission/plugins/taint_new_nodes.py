"""TaintNodesByCondition: a new node is `not-ready` until somebody says otherwise.

Upstream taints every new node; here a node that arrives with the condition Ready=True stays
untainted, so that worlds without a node lifecycle controller can use it.
"""

from typing import Final

from kcore.apiserver.admission.plugin import CREATE, Attributes, Objects
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap

TAINT_KEY: Final = "node.kubernetes.io/not-ready"


class TaintNewNodes:
    """Adds the not-ready taint at birth."""

    __slots__ = ()

    name: Final = "TaintNodesByCondition"
    repeatable: Final = True

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """New nodes."""
        return resource == "nodes" and not subresource and operation == CREATE

    def mutate(self, attributes: Attributes, objects: Objects) -> FrozenMap:
        """The node with the taint, once."""
        node = attributes.object
        assert node is not None  # A create has an object.
        taints = node.at("spec", "taints", default=EMPTY_LIST)
        if _is_ready(node) or any(_is_not_ready(taint) for taint in taints):
            return node
        taint = {"key": TAINT_KEY, "effect": "NoSchedule"}
        return node.set(("spec", "taints"), [*taints, taint])


def _is_not_ready(taint: FrozenMap) -> bool:
    return taint.get("key") == TAINT_KEY and taint.get("effect") == "NoSchedule"


def _is_ready(node: FrozenMap) -> bool:
    return any(
        condition.get("type") == "Ready" and condition.get("status") == "True"
        for condition in node.at("status", "conditions", default=EMPTY_LIST)
    )
