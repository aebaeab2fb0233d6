"""What may change about the nodes of a pod while a gate keeps it from them: they get fewer."""

from typing import Final

from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenList, FrozenMap
from kcore.machinery.internal_text import rendered_internal

_ADDITIONS: Final = "only additions are allowed (no mutations or deletions)"
_SAME_LENGTH: Final = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
_TERMS: Final = ("requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
_TERM_TYPE: Final = "core/v1.NodeSelectorTerm"


def munge_gated(munged: FrozenMap, old: FrozenMap, errors: FieldErrors, path: str) -> FrozenMap:
    """The spec with what a gated pod may change taken from the old one.

    Problems of what it may not are appended.
    """
    before, after = old.get("nodeSelector") or EMPTY_MAP, munged.get("nodeSelector") or EMPTY_MAP
    if before != after:
        if any(after.get(key) != value for key, value in before.items()):
            errors.invalid(child(path, "nodeSelector"), after, _ADDITIONS)
        munged = _taken(munged, "nodeSelector", old.get("nodeSelector"))
    return _munge_affinity(munged, old, errors, child(path, "affinity.nodeAffinity"))


def _munge_affinity(munged: FrozenMap, old: FrozenMap, errors: FieldErrors, path: str) -> FrozenMap:
    affinity, old_affinity = munged.get("affinity"), old.get("affinity")
    before = None if old_affinity is None else old_affinity.get("nodeAffinity")
    after = None if affinity is None else affinity.get("nodeAffinity")
    if before == after:
        return munged
    if before is not None:
        _check_terms(after or EMPTY_MAP, before, errors, path)
    if affinity is None:
        return munged.set(("affinity", "nodeAffinity"), before)
    if old_affinity is None and not _speaks_of_pods(affinity):
        return munged.remove("affinity")
    return munged.set("affinity", _taken(affinity, "nodeAffinity", before))


def _speaks_of_pods(affinity: FrozenMap) -> bool:
    return any(affinity.get(name) is not None for name in ("podAffinity", "podAntiAffinity"))


def _check_terms(after: FrozenMap, before: FrozenMap, errors: FieldErrors, path: str) -> None:
    old_terms: FrozenList = before.at(*_TERMS, default=EMPTY_LIST)
    new_terms: FrozenList = after.at(*_TERMS, default=EMPTY_LIST)
    path = child(path, ".".join(_TERMS))
    if old_terms and len(old_terms) != len(new_terms):
        errors.invalid(path, rendered_internal(new_terms, f"[]{_TERM_TYPE}"), _SAME_LENGTH)
        return
    for position, (new, old) in enumerate(zip(new_terms, old_terms, strict=False)):
        if not _only_adds(new, old):
            errors.invalid(index(path, position), rendered_internal(new, _TERM_TYPE), _ADDITIONS)


def _only_adds(new: FrozenMap, old: FrozenMap) -> bool:
    pairs = [
        (new.get(name) or EMPTY_LIST, old.get(name) or EMPTY_LIST)
        for name in ("matchExpressions", "matchFields")
    ]
    # A term without anything selects nothing: it may not begin to.
    if not any(before for _, before in pairs) and any(after for after, _ in pairs):
        return False
    return all(list(after)[: len(before)] == list(before) for after, before in pairs)


def _taken(spec: FrozenMap, name: str, value: FrozenMap | None) -> FrozenMap:
    return spec.remove(name) if value is None else spec.set(name, value)
