"""PriorityLevelConfiguration: its rules."""

from typing import Final

from kcore.api.flowcontrol_v1.flow_rules import (
    validate_conditions_update,
    validate_typed_conditions,
)
from kcore.api.object_rules import Validation, no_rules
from kcore.machinery.field_errors import FieldErrors, child
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, freeze
from kcore.machinery.internal_text import rendered_internal

_QUEUES_COUNT_MAX: Final = 10_000_000
_HASH_BITS_MAX: Final = 60
_OLD_ANNOTATION: Final = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares"
_TYPES: Final = ("Exempt", "Limited")
_RESPONSES: Final = ("Queue", "Reject")
_FIXED: Final = {
    "exempt": freeze({"type": "Exempt"}),
    "catch-all": freeze(
        {
            "type": "Limited",
            "limited": {
                "nominalConcurrencyShares": 5,
                "limitResponse": {"type": "Reject"},
                "lendablePercent": 0,
            },
        }
    ),
}
_NOT_NEGATIVE: Final = "must be a non-negative integer"


def validate_level(level: FrozenMap, errors: FieldErrors) -> None:
    """How many requests run at once, and what becomes of the others."""
    metadata, spec = level["metadata"], level.get("spec") or EMPTY_MAP
    if _OLD_ANNOTATION in (metadata.get("annotations") or EMPTY_MAP):
        errors.forbidden("metadata.annotations", f"annotation '{_OLD_ANNOTATION}' is forbidden")
    kind = spec.get("type") or ""
    if (metadata.get("name") == "exempt") != (kind == "Exempt"):
        detail = "must be 'Exempt' if and only if `name` is 'exempt'"
        errors.invalid("spec.type", kind, detail)
    _validate_kind(spec, kind, errors)
    _validate_fixed(spec, metadata.get("name") or "", errors)
    validate_typed_conditions(level, errors)


def _validate_kind(spec: FrozenMap, kind: str, errors: FieldErrors) -> None:
    limited, exempt = spec.get("limited"), spec.get("exempt")
    if kind == "Exempt" and exempt is not None:
        _validate_shares(exempt, errors, "spec.exempt")
    elif kind == "Limited" and limited is not None:
        _validate_limited(limited, errors, "spec.limited")
    elif kind and kind not in _TYPES:
        errors.not_supported("spec.type", kind, _TYPES)
    _validate_union(spec, _TYPES[::-1], ("limited", "exempt"), errors.declared, "spec")
    if limited is not None:
        response = limited.get("limitResponse") or EMPTY_MAP
        path = "spec.limited.limitResponse"
        _validate_union(response, ("Queue",), ("queuing",), errors.declared, path)


def _validate_union(
    holder: FrozenMap,
    kinds: tuple[str, ...],
    fields: tuple[str, ...],
    errors: FieldErrors,
    path: str,
) -> None:
    """The type says which of the fields is there; a missing exemption is one as it is."""
    found = holder.get("type") or ""
    for kind, field in zip(kinds, fields, strict=True):
        is_there = holder.get(field) is not None
        if is_there and kind != found:
            errors.forbidden(child(path, field), "")
        elif not is_there and kind == found and field != "exempt":
            errors.required(child(path, field))
    if not found:
        errors.required(child(path, "type"))


def _validate_fixed(spec: FrozenMap, name: str, errors: FieldErrors) -> None:
    """Two levels are always there, and as they are."""
    fixed = _FIXED.get(name)
    if fixed is None:
        return
    kept = spec.remove("exempt") if name == "exempt" and "exempt" in spec else spec
    if kept != fixed:
        but = " except the 'spec.exempt' field" if name == "exempt" else ""
        shown = rendered_internal(spec, "flowcontrol/v1.PriorityLevelConfigurationSpec")
        errors.invalid("spec", shown, f"spec of '{name}'{but} must equal the fixed value")


def _validate_shares(part: FrozenMap, errors: FieldErrors, path: str) -> None:
    shares, percent = part.get("nominalConcurrencyShares") or 0, part.get("lendablePercent")
    if shares < 0:
        errors.invalid(child(path, "nominalConcurrencyShares"), shares, _NOT_NEGATIVE)
    if path == "spec.limited":
        response = part.get("limitResponse") or EMPTY_MAP
        _validate_response(response, errors, child(path, "limitResponse"))
    if percent is not None and not 0 <= percent <= 100:
        detail = "must be between 0 and 100, inclusive"
        errors.invalid(child(path, "lendablePercent"), percent, detail)


def _validate_limited(limited: FrozenMap, errors: FieldErrors, path: str) -> None:
    _validate_shares(limited, errors, path)
    borrowed = limited.get("borrowingLimitPercent")
    if borrowed is not None and borrowed < 0:
        detail = f"if specified, {_NOT_NEGATIVE}"
        errors.invalid(child(path, "borrowingLimitPercent"), borrowed, detail)


def _validate_response(response: FrozenMap, errors: FieldErrors, path: str) -> None:
    kind, queuing = response.get("type") or "", response.get("queuing")
    if kind and kind not in _RESPONSES:
        errors.not_supported(child(path, "type"), kind, _RESPONSES)
    elif kind == "Queue" and queuing is not None:
        _validate_queues(queuing, errors, child(path, "queuing"))


def _validate_queues(queuing: FrozenMap, errors: FieldErrors, path: str) -> None:
    length = queuing.get("queueLengthLimit") or 0
    queues, hand = queuing.get("queues") or 0, queuing.get("handSize") or 0
    if length <= 0:
        errors.invalid(child(path, "queueLengthLimit"), length, "must be positive")
    if queues <= 0:
        errors.invalid(child(path, "queues"), queues, "must be positive")
    elif queues > _QUEUES_COUNT_MAX:
        detail = f"must not be greater than {_QUEUES_COUNT_MAX}"
        errors.invalid(child(path, "queues"), queues, detail)
    here = child(path, "handSize")
    if hand <= 0:
        errors.invalid(here, hand, "must be positive")
    elif hand > queues:
        errors.invalid(here, hand, f"should not be greater than queues ({queues})")
    elif _entropy_bits(queues, hand) > _HASH_BITS_MAX:
        detail = (
            f"required entropy bits of deckSize {queues} and handSize {hand} should not be "
            f"greater than {_HASH_BITS_MAX}"
        )
        errors.invalid(here, hand, detail)


def _entropy_bits(queues: int, hand: int) -> int:
    """How many bits of a hash it takes to deal a hand. O(hand) until it is too many."""
    deals = 1
    for dealt in range(hand):
        deals *= queues - dealt
        if deals >= 1 << (_HASH_BITS_MAX + 1):
            break
    return (deals - 1).bit_length()


def validate_level_update(new: FrozenMap, _old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one."""
    validate_level(new, errors)


PRIORITY_LEVEL: Final = Validation(
    validate_level,
    validate_level_update,
    "before",
    of_again=no_rules,
    of_status=validate_conditions_update,
)
