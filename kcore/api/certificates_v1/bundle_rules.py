"""ClusterTrustBundle: its rules, but for what is in the certificates."""

import re
from typing import Final

from kcore.api.object_rules import Validation
from kcore.api.signer_names import bundle_name_problems, validate_signer_name
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.meta import IMMUTABLE

_BUNDLE: Final = "spec.trustBundle"
_BUNDLE_BYTES_MAX: Final = 1 << 20
_OMITTED: Final = "<value omitted>"
_BLOCK: Final = re.compile(
    r"^-----BEGIN ([^\n]*)-----[ \t\r]*\n(.*?)^-----END \1-----", re.M | re.S
)


def validate_bundle(bundle: FrozenMap, errors: FieldErrors) -> None:
    """A new bundle."""
    _validate_signer(bundle, errors)
    _validate_anchors(bundle.at("spec", "trustBundle", default=""), errors)


def _validate_signer(bundle: FrozenMap, errors: FieldErrors) -> None:
    signer = bundle.at("spec", "signerName", default="")
    for field in ("generateName", "name"):
        text = bundle["metadata"].get(field) or ""
        if text:
            problems = bundle_name_problems(text, signer, is_prefix=field == "generateName")
            errors.invalid_each(f"metadata.{field}", text, problems)
    if signer:
        validate_signer_name(signer, errors, "spec.signerName")


def _validate_anchors(text: str, errors: FieldErrors) -> None:
    if len(text.encode()) > _BUNDLE_BYTES_MAX:
        errors.too_long(_BUNDLE, _BUNDLE_BYTES_MAX)
        return
    known: dict[str, list[int]] = {}
    is_good = True
    for position, found in enumerate(_BLOCK.finditer(text)):
        problem = ""
        if found[1] != "CERTIFICATE":
            problem = f"entry {position} has bad block type: {found[1]}"
        elif ":" in found[2]:
            problem = f"entry {position} has PEM block headers"
        if problem:
            errors.invalid(_BUNDLE, _OMITTED, problem)
            is_good = False
        known.setdefault("".join(found[2].split()), []).append(position)
    if not is_good:
        return
    if not known:
        errors.invalid(_BUNDLE, _OMITTED, "at least one trust anchor must be provided")
    for places in known.values():
        if len(places) > 1:
            shown = " ".join(map(str, places))
            errors.invalid(_BUNDLE, _OMITTED, f"duplicate trust anchor (indices [{shown}])")


def validate_bundle_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The signer stays."""
    after, before = (side.get("spec") or EMPTY_MAP for side in (new, old))
    _validate_signer(new, errors)
    if after.get("trustBundle") != before.get("trustBundle"):
        _validate_anchors(after.get("trustBundle") or "", errors)
    if (after.get("signerName") or "") != (before.get("signerName") or ""):
        errors.invalid("spec.signerName", after.get("signerName") or "", IMMUTABLE)


TRUST_BUNDLE: Final = Validation(validate_bundle, validate_bundle_update, "never")
