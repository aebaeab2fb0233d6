"""Names of signers: a domain, a slash, a path."""

from collections.abc import Callable
from typing import Final

from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.formats import dns1123_label, dns1123_subdomain
from kcore.machinery.go_text import quote

LEGACY_SIGNER: Final = "kubernetes.io/legacy-unknown"
_DOMAIN_MAX: Final = 253
_NAME_MAX: Final = _DOMAIN_MAX + 1 + 253 + 1 + 63
_FORM: Final = "must be a fully qualified domain and path of the form 'example.com/signer-name'"


def validate_signer_name(name: str, errors: FieldErrors, path: str) -> None:
    """`example.com/signer-name`; both sides are labels between dots."""
    if not name:
        errors.required(path)
        return
    if name.count("/") != 1:
        errors.invalid(path, name, _FORM)
        return
    domain, _, rest = name.partition("/")
    if len(domain.encode()) > _DOMAIN_MAX:
        errors.too_long(path, _DOMAIN_MAX)
    labels = domain.split(".")
    _validate_labels(domain, labels, dns1123_label, errors, path)
    if len(labels) < 2:
        detail = "should be a domain with at least two segments separated by dots"
        errors.invalid(path, domain, detail)
    _validate_labels(rest, rest.split("."), dns1123_subdomain, errors, path)
    if len(name.encode()) > _NAME_MAX:
        errors.too_long(path, _NAME_MAX)


def _validate_labels(
    text: str, labels: list[str], rule: Callable[[str], list[str]], errors: FieldErrors, path: str
) -> None:
    for label in labels:
        problems = rule(label)
        for problem in problems:
            errors.invalid(path, text, f"validating label {quote(label)}: {problem}")
        if problems:
            return


def bundle_name_problems(name: str, signer: str, *, is_prefix: bool = False) -> list[str]:
    """What is wrong with the name of a bundle; it begins with the signer's, if there is one."""
    if not signer:
        if ":" in name:
            return ['ClusterTrustBundle without signer name must not have ":" in its name']
    else:
        prefix = signer.replace("/", ":") + ":"
        if not name.startswith(prefix):
            return [
                f"ClusterTrustBundle for signerName {signer} must be named with prefix {prefix}"
            ]
        name = name.removeprefix(prefix)
    # A prefix ends with what the rest of the name will follow.
    return dns1123_subdomain(f"{name[:-1]}a" if is_prefix and name.endswith("-") else name)
