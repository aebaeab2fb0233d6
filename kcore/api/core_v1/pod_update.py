"""What may change in a pod that exists: images, deadline, tolerations, gates; nothing else."""

from typing import Any, Final

from kcore.api.core_v1.gated_pod import munge_gated
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import in_range
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.internal_text import internal_difference

_INT32_MAX: Final = 2**31 - 1
_ALLOWED: Final = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_NO_RESIZE: Final = "pod updates may not add or remove containers"
_KEPT_TOLERATIONS: Final = "existing toleration can not be modified except its tolerationSeconds"
_LISTS: Final = ("containers", "initContainers")


def validate_spec_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors, path: str) -> None:
    """The rules for changing the spec of a pod. O(size of what differs).

    The refusal shows the difference as upstream does: as a diff of the whole specs.
    """
    if not _same_containers(new, old, errors, path):
        return
    if not _deadline_shrinks(new, old, errors, child(path, "activeDeadlineSeconds")):
        return
    _tolerations_grow(new, old, errors, child(path, "tolerations"))
    _gates_shrink(new, old, errors, child(path, "schedulingGates"))
    if new is old or new == old:
        return
    munged = _with_old_fields(new, old)
    if old.get("schedulingGates"):
        munged = munge_gated(munged, old, errors, path)
    if munged != old:
        errors.forbidden(path, f"{_ALLOWED}\n{internal_difference(old, munged, 'core/v1.PodSpec')}")


def _same_containers(new: FrozenMap, old: FrozenMap, errors: FieldErrors, path: str) -> bool:
    for name in _LISTS:
        before, after = old.get(name) or EMPTY_LIST, new.get(name) or EMPTY_LIST
        here = child(path, name)
        if len(before) != len(after):
            errors.forbidden(here, _NO_RESIZE)
            return False
        for position, container in enumerate(after):
            image = container.get("image") or ""
            where = child(index(here, position), "image")
            if not image:
                errors.required(where)
            if image != image.strip():
                errors.invalid(where, image, "must not have leading or trailing whitespace")
    return True


def _deadline_shrinks(new: FrozenMap, old: FrozenMap, errors: FieldErrors, path: str) -> bool:
    after, before = new.get("activeDeadlineSeconds"), old.get("activeDeadlineSeconds")
    if after is None:
        if before is not None:
            errors.invalid(path, None, "must not update from a positive integer to nil value")
        return True
    if not 0 <= after <= _INT32_MAX:
        errors.invalid_each(path, after, in_range(after, 0, _INT32_MAX))
        return False
    if before is not None and before < after:
        errors.invalid(path, after, "must be less than or equal to previous value")
        return False
    return True


def _tolerations_grow(new: FrozenMap, old: FrozenMap, errors: FieldErrors, path: str) -> None:
    after = [_lasting(toleration) for toleration in new.get("tolerations") or EMPTY_LIST]
    for toleration in old.get("tolerations") or EMPTY_LIST:
        if _lasting(toleration) not in after:
            errors.forbidden(path, _KEPT_TOLERATIONS)
            return


def _lasting(toleration: FrozenMap) -> FrozenMap:
    return toleration.remove("tolerationSeconds")


def _gates_shrink(new: FrozenMap, old: FrozenMap, errors: FieldErrors, path: str) -> None:
    before = [gate.get("name") for gate in old.get("schedulingGates") or EMPTY_LIST]
    for position, gate in enumerate(new.get("schedulingGates") or EMPTY_LIST):
        if gate.get("name") not in before:
            detail = "only deletion is allowed, but found new scheduling gate"
            errors.forbidden(child(index(path, position), "name"), f"{detail} '{gate.get('name')}'")


def _with_old_fields(new: FrozenMap, old: FrozenMap) -> FrozenMap:
    """The new spec with everything that may change taken from the old one."""
    munged = new
    for name in _LISTS:
        for position, container in enumerate(old.get(name) or EMPTY_LIST):
            munged = _take(munged, (name, position, "image"), container.get("image"))
    for name in ("activeDeadlineSeconds", "tolerations", "schedulingGates"):
        munged = _take(munged, (name,), old.get(name))
    name = "terminationGracePeriodSeconds"
    if (old.get(name) or 0) < 0 and new.get(name) == 1:
        munged = _take(munged, (name,), old.get(name))
    return munged


def _take(spec: FrozenMap, path: tuple[Any, ...], value: Any) -> FrozenMap:
    if spec.at(*path) == value:
        return spec
    return spec.remove(path) if value is None else spec.set(path, value)
