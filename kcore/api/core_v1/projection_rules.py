"""Projected volumes: many sources in one directory, each file from one of them."""

from collections.abc import Iterator
from typing import Any, Final

from kcore.api.core_v1.volume_files import (
    validate_downward_file,
    validate_items,
    validate_mode,
    validate_non_special_path,
)
from kcore.api.field_rules import validate_label_selector
from kcore.api.signer_names import bundle_name_problems, validate_signer_name
from kcore.machinery.domain_names import validate_domain_prefixed_key
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.internal_text import rendered_internal

_KEY_TYPES: Final = ("RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519")
_CERTIFICATE_PATHS: Final = ("credentialBundlePath", "keyPath", "certificateChainPath")
_LIFE_S_MIN: Final = 3600
_LIFE_S_MAX: Final = 91 * 24 * 3600
_KUBERNETES_LIFE_S_MAX: Final = 24 * 3600
_BAD_NAME: Final = "not a valid clustertrustbundlename"


def validate_projected(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    """Each source is one thing, and no two want the same path. O(files)."""
    validate_mode(source, "defaultMode", errors, path)
    taken: set[str] = set()
    for position, projection in enumerate(source.get("sources") or EMPTY_LIST):
        here = index(child(path, "sources"), position)
        count = 0
        for field, check in _PROJECTIONS.items():
            part = projection.get(field)
            if part is None:
                continue
            count += 1
            check(part, errors, child(here, field))
            for shown, target in _targets(field, part):
                if target in taken:
                    errors.invalid(path, shown, "conflicting duplicate paths")
                taken.add(target)
        if count > 1:
            errors.forbidden(here, "may not specify more than 1 volume type per source")


def _targets(field: str, part: FrozenMap) -> Iterator[tuple[Any, str]]:
    """The paths that a source takes, and what a refusal shows for each."""
    if field == "clusterTrustBundle":
        yield part.get("path") or "", part.get("path") or ""
    elif field == "podCertificate":
        yield from ((part[name], part[name]) for name in _CERTIFICATE_PATHS if part.get(name))
    elif field != "serviceAccountToken":
        for item in part.get("items") or EMPTY_LIST:
            target = item.get("path")
            if target:
                yield target if field == "downwardAPI" else part.get("name") or "", target


def _of_keys(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    if not source.get("name"):
        errors.required(child(path, "name"))
    validate_items(source, errors, path)


def _of_fields(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    for item in source.get("items") or EMPTY_LIST:
        validate_downward_file(item, errors, path)


def _token(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    seconds, here = source.get("expirationSeconds"), child(path, "expirationSeconds")
    if seconds is None:
        errors.required(here)
    elif seconds < 600:
        errors.invalid(here, seconds, "may not specify a duration less than 10 minutes")
    elif seconds > 2**32:
        errors.invalid(here, seconds, "may not specify a duration larger than 2^32 seconds")
    # Upstream blames the projected volume, not the source, for the path.
    where = f"{path.partition('.sources[')[0]}.path"
    if not source.get("path"):
        errors.required(where)
    else:
        validate_non_special_path(source["path"], errors, where)


def _bundle(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    name, signer, labels = (source.get(key) for key in ("name", "signerName", "labelSelector"))
    if name is not None and signer is not None:
        shown = rendered_internal(source, "*core/v1.ClusterTrustBundleProjection")
        errors.invalid(path, shown, "only one of name and signerName may be used")
    elif name is not None:
        _validate_bundle_name(name, errors, child(path, "name"))
        if labels is not None:
            shown = rendered_internal(labels, "*meta/v1.LabelSelector")
            detail = "labelSelector must be unset if name is specified"
            errors.invalid(child(path, "labelSelector"), shown, detail)
    elif signer is not None:
        here = child(path, "signerName")
        if not signer:
            errors.required(here, "must be a valid signer name")
        validate_signer_name(signer, errors, here)
        validate_label_selector(labels, errors, child(path, "labelSelector"))
    else:
        errors.required(path, "either name or signerName must be specified")
    target = source.get("path") or ""
    if not target:
        errors.required(child(path, "path"))
    validate_non_special_path(target, errors, child(path, "path"))


def _validate_bundle_name(name: str, errors: FieldErrors, path: str) -> None:
    if not name:
        errors.required(path, "must be a valid object name")
    signer = name.rpartition(":")[0].replace(":", "/")
    for problem in bundle_name_problems(name, signer):
        errors.invalid(path, name, f"{_BAD_NAME}: {problem}")


def _certificate(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    signer = source.get("signerName") or ""
    validate_signer_name(signer, errors, child(path, "signerName"))
    for name in sorted(source.get("userAnnotations") or EMPTY_MAP):
        validate_domain_prefixed_key(name.lower(), errors, child(path, "userAnnotations"))
    kind = source.get("keyType") or ""
    if kind not in _KEY_TYPES:
        errors.not_supported(child(path, "keyType"), kind, _KEY_TYPES)
    seconds, here = source.get("maxExpirationSeconds"), child(path, "maxExpirationSeconds")
    host = signer.partition("/")[0]
    is_own = host == "kubernetes.io" or host.endswith(".kubernetes.io")
    longest = _KUBERNETES_LIFE_S_MAX if is_own else _LIFE_S_MAX
    if seconds is not None and seconds < _LIFE_S_MIN:
        detail = f"if provided, maxExpirationSeconds must be >= {_LIFE_S_MIN}"
        errors.invalid(here, seconds, detail)
    if seconds is not None and seconds > longest:
        detail = f"if provided, maxExpirationSeconds must be <= {longest}"
        errors.invalid(here, seconds, detail)
    found = [name for name in _CERTIFICATE_PATHS if source.get(name)]
    for name in found:
        validate_non_special_path(source[name], errors, child(path, name))
    if not found:
        detail = "specify at least one of credentialBundlePath, keyPath, and certificateChainPath"
        errors.required(path, detail)


_PROJECTIONS: Final = {
    "secret": _of_keys,
    "configMap": _of_keys,
    "downwardAPI": _of_fields,
    "serviceAccountToken": _token,
    "clusterTrustBundle": _bundle,
    "podCertificate": _certificate,
}
