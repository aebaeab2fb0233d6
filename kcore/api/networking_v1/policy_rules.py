"""NetworkPolicy: its rules."""

from typing import Any, Final

from kcore.api.field_rules import validate_label_selector
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import port_name, port_number
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.ip_address import parse_block, validate_legacy_cidr

_PROTOCOLS: Final = ("TCP", "UDP", "SCTP")
_TYPES: Final = ("Ingress", "Egress")
_DIRECTIONS: Final = (("ingress", "from"), ("egress", "to"))


def validate_policy(policy: FrozenMap, errors: FieldErrors) -> None:
    """A new policy."""
    _validate_spec(policy.get("spec") or EMPTY_MAP, errors, ())


def validate_policy_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one; networks that were there before may stay as they are written."""
    known = tuple(_networks(old.get("spec") or EMPTY_MAP))
    _validate_spec(new.get("spec") or EMPTY_MAP, errors, known)


def _networks(spec: FrozenMap) -> list[str]:
    found = []
    for direction, peers in _DIRECTIONS:
        for rule in spec.get(direction) or EMPTY_LIST:
            for peer in rule.get(peers) or EMPTY_LIST:
                block = peer.get("ipBlock") or EMPTY_MAP
                found += [block.get("cidr") or "", *(block.get("except") or EMPTY_LIST)]
    return found


def _validate_spec(spec: FrozenMap, errors: FieldErrors, known: tuple[str, ...]) -> None:
    validate_label_selector(spec.get("podSelector"), errors, "spec.podSelector")
    for direction, peers in _DIRECTIONS:
        for position, rule in enumerate(spec.get(direction) or EMPTY_LIST):
            here = index(f"spec.{direction}", position)
            for number, port in enumerate(rule.get("ports") or EMPTY_LIST):
                _validate_port(port, errors, index(child(here, "ports"), number))
            for number, peer in enumerate(rule.get(peers) or EMPTY_LIST):
                _validate_peer(peer, errors, index(child(here, peers), number), known)
    types = spec.get("policyTypes") or EMPTY_LIST
    if len(types) > len(_TYPES):
        errors.invalid("spec.policyTypes", types, "may not specify more than two policyTypes")
        return
    for position, name in enumerate(types):
        if name not in _TYPES:
            errors.not_supported(index("spec.policyTypes", position), name, _TYPES)


def _validate_port(port: FrozenMap, errors: FieldErrors, path: str) -> None:
    protocol = port.get("protocol")
    if protocol is not None and protocol not in _PROTOCOLS:
        errors.not_supported(child(path, "protocol"), protocol, _PROTOCOLS)
    value, last = port.get("port"), port.get("endPort")
    here, end = child(path, "port"), child(path, "endPort")
    if value is None:
        if last is not None:
            errors.invalid(end, last, "may not be specified when `port` is not specified")
    elif isinstance(value, str):
        if last is not None:
            errors.invalid(end, last, "may not be specified when `port` is non-numeric")
        errors.invalid_each(here, value, port_name(value))
    else:
        errors.invalid_each(here, value, port_number(value))
        if last is not None:
            if last < value:
                errors.invalid(end, last, "must be greater than or equal to `port`")
            errors.invalid_each(end, last, port_number(last))


def _validate_peer(peer: FrozenMap, errors: FieldErrors, path: str, known: tuple[str, ...]) -> None:
    selectors = [name for name in ("podSelector", "namespaceSelector") if name in peer]
    for name in selectors:
        validate_label_selector(peer[name], errors, child(path, name))
    block = peer.get("ipBlock")
    if block is not None:
        _validate_block(block, errors, child(path, "ipBlock"), known)
    if block is None and not selectors:
        errors.required(path, "must specify a peer")
    elif block is not None and selectors:
        errors.forbidden(path, "may not specify both ipBlock and another peer")


def _validate_block(block: FrozenMap, errors: FieldErrors, path: str, known: Any) -> None:
    text = block.get("cidr") or ""
    if not text:
        errors.declared.required(child(path, "cidr"))
        return
    validate_legacy_cidr(text, errors, child(path, "cidr"), strict=True, old=known)
    whole = parse_block(text)
    if whole is None:
        return
    for position, excepted in enumerate(block.get("except") or EMPTY_LIST):
        here = index(child(path, "except"), position)
        validate_legacy_cidr(excepted, errors, here, strict=True, old=known)
        part = parse_block(excepted)
        if part is not None and not whole.has_inside(part):
            errors.invalid(here, excepted, "must be a strict subset of `cidr`")


NETWORK_POLICY: Final = Validation(validate_policy, validate_policy_update, "never")
