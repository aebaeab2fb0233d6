"""The hashes that stand in names and labels: of pod templates and of controller revisions.

Both are upstream's to the last bit, so a ReplicaSet of a recorded cluster keeps its name here.
FNV in plain Python costs about 60 ns a byte, 1 ms for a template; templates are remembered.
"""

from functools import lru_cache
from typing import Any, Final

from kcore.machinery.frozen import FrozenMap
from kcore.machinery.go_dump import dump_struct
from kcore.machinery.go_text import json_text
from kcore.machinery.names import safe_encode

_FNV_OFFSET: Final = 2_166_136_261
_FNV_PRIME: Final = 16_777_619
_MASK: Final = 0xFFFF_FFFF
# Room for the dash and a hash in a name of 253 characters, with some to spare.
_REVISION_PREFIX_LENGTH_MAX: Final = 223
_REMEMBERED_COUNT: Final = 1_024


def fnv32a(data: bytes, state: int = _FNV_OFFSET) -> int:
    """The 32-bit FNV-1a hash, continued from `state`."""
    for byte in data:
        state = ((state ^ byte) * _FNV_PRIME) & _MASK
    return state


def fnv32(data: bytes) -> int:
    """The 32-bit FNV-1 hash."""
    state = _FNV_OFFSET
    for byte in data:
        state = ((state * _FNV_PRIME) & _MASK) ^ byte
    return state


def pod_template_hash(template: FrozenMap, collision_count: int | None = None) -> str:
    """The pod-template-hash of a PodTemplateSpec (upstream's ComputeHash).

    Raises:
        NotModelledError: the template sets a time (a creationTimestamp), whose printed form
            depends on the machine's zone.
    """
    state = _template_state(template)
    if collision_count is not None:
        # Eight bytes, of which upstream fills four.
        state = fnv32a((collision_count & _MASK).to_bytes(8, "little"), state)
    return safe_encode(str(state))


@lru_cache(maxsize=_REMEMBERED_COUNT)
def _template_state(template: FrozenMap) -> int:
    return fnv32a(dump_struct(template, "core/v1.PodTemplateSpec").encode())


def controller_revision_data(template: Any) -> str:
    """The patch that a ControllerRevision holds: its owner's template, replaced."""
    return json_text({"spec": {"template": template.set("$patch", "replace")}})


def controller_revision_hash(data: str, probe: int | None = None) -> str:
    """The hash of a ControllerRevision's data; `probe` is the collision count."""
    suffix = "" if probe is None else str(probe)
    return safe_encode(str(fnv32((data + suffix).encode())))


def controller_revision_name(prefix: str, revision_hash: str) -> str:
    """The name of a ControllerRevision: its owner's name, cut if need be, and the hash."""
    return f"{prefix[:_REVISION_PREFIX_LENGTH_MAX]}-{revision_hash}"
