"""CertificateSigningRequest: its rules, but for what is in the certificates."""

import re
from base64 import b64decode
from collections.abc import Iterable
from typing import Any, Final

from kcore.api.kept_fields import NULL
from kcore.api.object_rules import Validation, no_rules
from kcore.api.signer_names import LEGACY_SIGNER, validate_signer_name
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.internal_text import internal_difference

_USAGES: Final = (
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
)
_LIFE_S_MIN: Final = 600
_STATUSES: Final = ("False", "True", "Unknown")
_DECISIONS: Final = ("Approved", "Denied")
_ONLY_TRUE: Final = (*_DECISIONS, "Failed")
_CONDITIONS: Final = "status.conditions"
_CERTIFICATE: Final = "status.certificate"
_BLOCK: Final = re.compile(rb"^-----BEGIN ([^\n]*)-----[ \t\r]*\n.*?^-----END \1-----", re.M | re.S)


def validate_request(request: FrozenMap, errors: FieldErrors) -> None:
    """A new request."""
    _validate_request(request, None, errors)


def _validate_request(request: FrozenMap, old: FrozenMap | None, errors: FieldErrors) -> None:
    """Faults that the old request had already are no news."""
    spec, before = request.get("spec") or EMPTY_MAP, EMPTY_MAP if old is None else old["spec"]
    text = spec.get("request")
    blocks = _blocks(text)
    if not blocks or blocks[0] != "CERTIFICATE REQUEST":
        detail = "PEM block type must be CERTIFICATE REQUEST"
        errors.invalid("spec.request", NULL if text is None else text, detail)
    _validate_usages(spec.get("usages") or EMPTY_LIST, before.get("usages"), errors)
    signer = spec.get("signerName") or ""
    if signer == LEGACY_SIGNER and before.get("signerName") != LEGACY_SIGNER:
        detail = "the legacy signerName is not allowed via this API version"
        errors.invalid("spec.signerName", signer, detail)
    else:
        validate_signer_name(signer, errors, "spec.signerName")
    seconds = spec.get("expirationSeconds")
    if seconds is not None and seconds < _LIFE_S_MIN:
        detail = "may not specify a duration less than 600 seconds (10 minutes)"
        errors.invalid("spec.expirationSeconds", seconds, detail)
    _validate_conditions(_conditions(request), _conditions(old), errors)
    certificate = request.at("status", "certificate")
    if old is None or certificate != old.at("status", "certificate"):
        _validate_certificate(certificate, errors)


def _blocks(text: str | None) -> list[str]:
    """The kinds of the PEM blocks in a base64 text."""
    return [found[1].decode() for found in _BLOCK.finditer(b64decode(text or ""))]


def _validate_usages(usages: Any, before: Any, errors: FieldErrors) -> None:
    path, before = "spec.usages", before or EMPTY_LIST
    if not usages:
        errors.required(path)
    if set(before) <= set(_USAGES):
        for position, usage in enumerate(usages):
            if usage not in _USAGES:
                errors.not_supported(index(path, position), usage, _USAGES)
    if len(set(before)) == len(before):
        for position, usage in enumerate(usages):
            if usage in usages[:position]:
                errors.duplicate(index(path, position), usage)


def _conditions(request: FrozenMap | None) -> Any:
    return EMPTY_LIST if request is None else request.at("status", "conditions") or EMPTY_LIST


def _types(conditions: Iterable[FrozenMap]) -> list[str]:
    return [condition.get("type") or "" for condition in conditions]


def _validate_conditions(conditions: Any, before: Any, errors: FieldErrors) -> None:
    old_types = _types(before)
    once = len(set(old_types)) == len(old_types)
    both = set(_DECISIONS) <= set(old_types)
    known: list[str] = []
    for position, condition in enumerate(conditions):
        here, kind = index(_CONDITIONS, position), condition.get("type") or ""
        if not kind and "" not in old_types:
            errors.required(child(here, "type"))
        status = condition.get("status") or ""
        allowed = ("True",) if kind in _ONLY_TRUE else _STATUSES
        if not status:
            errors.required(child(here, "status"))
        elif status not in allowed:
            errors.not_supported(child(here, "status"), status, allowed)
        others = [name for name in _DECISIONS if name != kind]
        if kind in _DECISIONS and not both and others[0] in known:
            detail = "Approved and Denied conditions are mutually exclusive"
            errors.declared.invalid(_CONDITIONS, kind, detail)
        if once and kind in known:
            errors.duplicate(child(here, "type"), kind)
        known.append(kind)


def _validate_certificate(certificate: str | None, errors: FieldErrors) -> None:
    if not certificate:
        return
    blocks, shown = _blocks(certificate), "<certificate data>"
    wrong = [kind for kind in blocks if kind != "CERTIFICATE"]
    if wrong:
        detail = f'only CERTIFICATE PEM blocks are allowed, found "{wrong[0]}"'
        errors.invalid(_CERTIFICATE, shown, detail)
    elif not blocks:
        detail = "must contain at least one CERTIFICATE PEM block"
        errors.invalid(_CERTIFICATE, shown, detail)


def validate_request_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """Neither decisions nor the certificate change here."""
    _validate_change(new, old, errors, sets_certificate=False)


def validate_request_status(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The certificate is set once; decisions do not change here."""
    _validate_change(new, old, errors, sets_certificate=True)


def _validate_change(
    new: FrozenMap, old: FrozenMap, errors: FieldErrors, *, sets_certificate: bool
) -> None:
    _validate_request(new, old, errors)
    for kind in _ONLY_TRUE:
        after, before = (_of_type(side, kind) for side in (new, old))
        if len(after) < len(before):
            detail = f'updates may not remove a condition of type "{kind}"'
            errors.forbidden(_CONDITIONS, detail)
    for kind in _DECISIONS:
        after, before = (_of_type(side, kind) for side in (new, old))
        if len(after) > len(before):
            errors.forbidden(_CONDITIONS, f'updates may not add a condition of type "{kind}"')
        elif len(after) == len(before) and after != before:
            shown = internal_difference(before, after, _CONDITION_LIST)
            detail = f'updates may not modify a condition of type "{kind}"\n{shown}'
            errors.forbidden(_CONDITIONS, detail)
    found, kept = (side.at("status", "certificate") or "" for side in (new, old))
    if found == kept:
        return
    if not sets_certificate:
        errors.forbidden(_CERTIFICATE, "updates may not set certificate content")
    elif kept:
        errors.forbidden(_CERTIFICATE, "updates may not modify existing certificate content")


_CONDITION_LIST: Final = "[]certificates/v1.CertificateSigningRequestCondition"


def _of_type(request: FrozenMap, kind: str) -> list[FrozenMap]:
    return [found for found in _conditions(request) if found.get("type") == kind]


SIGNING_REQUEST: Final = Validation(
    validate_request,
    validate_request_update,
    "before",
    of_again=no_rules,
    of_status=validate_request_status,
)
