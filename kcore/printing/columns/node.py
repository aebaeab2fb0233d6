"""The row of a Node."""

from collections.abc import Sequence
from typing import Final

from kcore.machinery.frozen import FrozenMap
from kcore.printing.cells import NONE, UNKNOWN, age, condition, items, mapping, name, word
from kcore.printing.column import NAME, Cell, Printer, text, wide

ROLE_PREFIX: Final = "node-role.kubernetes.io/"
ROLE_LABEL: Final = "kubernetes.io/role"


def roles(node: FrozenMap) -> list[str]:
    """What the node's role labels say, sorted."""
    labels = mapping(node, "metadata", "labels")
    found = [key.removeprefix(ROLE_PREFIX) for key in labels if key.startswith(ROLE_PREFIX)]
    found.append(word(labels, ROLE_LABEL))
    return sorted({role for role in found if role})


def status_words(node: FrozenMap) -> str:
    """`Ready`, `NotReady` or `Unknown`, and whether it is cordoned."""
    ready = condition(node, "Ready")
    state = "Unknown"
    if ready is not None:
        state = "Ready" if ready.status == "True" else "NotReady"
    return f"{state},SchedulingDisabled" if node.at("spec", "unschedulable") else state


def address(node: FrozenMap, kind: str) -> str:
    """The first address of this type, or `<none>`."""
    for candidate in items(node, "status", "addresses"):
        if candidate.type == kind:
            return word(candidate, "address")
    return NONE


def _kernel(node: FrozenMap) -> str:
    version = word(node, "status", "nodeInfo", "kernelVersion", default=UNKNOWN)
    architecture = word(node, "status", "nodeInfo", "architecture")
    return f"{version} ({architecture})" if architecture else version


def cells(node: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """The cells of one node."""
    return [
        name(node),
        status_words(node),
        ",".join(roles(node)) or NONE,
        age(node, now_ns),
        word(node, "status", "nodeInfo", "kubeletVersion"),
        address(node, "InternalIP"),
        address(node, "ExternalIP"),
        word(node, "status", "nodeInfo", "osImage", default=UNKNOWN),
        _kernel(node),
        word(node, "status", "nodeInfo", "containerRuntimeVersion", default=UNKNOWN),
    ]


PRINTERS = {
    ("", "Node"): Printer(
        (
            NAME,
            *text("Status", "Roles", "Age", "Version"),
            *wide("Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime"),
        ),
        cells,
    ),
}
