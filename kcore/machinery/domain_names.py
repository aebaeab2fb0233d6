"""Texts that begin with a domain: `example.com`, `acme.io/foo`. Problems go to a collector."""

from collections.abc import Iterable
from typing import Final

from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.formats import dns1123_label, dns1123_subdomain, http_path, label_key

_SEGMENTS_RULE: Final = "should be a domain with at least {} segments separated by dots"


def validate_fully_qualified_name(name: str, errors: FieldErrors, path: str) -> None:
    """A domain of three segments or more (signer and finalizer names)."""
    if not name:
        errors.required(path)
    elif not _invalid(name, dns1123_subdomain(name), errors, path) and name.count(".") < 2:
        errors.invalid(path, name, _SEGMENTS_RULE.format("three"))


def validate_fully_qualified_domain_name(name: str, errors: FieldErrors, path: str) -> None:
    """A domain of two segments or more; a dot at the end is allowed."""
    if not name:
        errors.required(path)
        return
    name = name.removesuffix(".")
    if _invalid(name, dns1123_subdomain(name), errors, path):
        return
    if "." not in name:
        errors.invalid(path, name, _SEGMENTS_RULE.format("two"))
        return
    for label in name.split("."):
        if _invalid(label, dns1123_label(label), errors, path):
            return


def validate_domain_prefixed_path(text: str, errors: FieldErrors, path: str) -> None:
    """A domain, a slash, an HTTP path."""
    if not text:
        errors.required(path)
        return
    host, _, rest = text.partition("/")
    if not host or not rest:
        rule = 'must be a domain-prefixed path (such as "acme.io/foo")'
        errors.invalid(path, text, rule)
        return
    errors.invalid_each(path, host, dns1123_subdomain(host))
    errors.invalid_each(path, rest, http_path(rest))


def validate_domain_prefixed_key(text: str, errors: FieldErrors, path: str) -> None:
    """A label key whose domain is not optional."""
    if not text:
        errors.required(path)
        return
    messages = label_key(text)
    errors.invalid_each(path, text, messages)
    if not messages and "/" not in text:
        rule = 'must be a domain-prefixed key (such as "acme.io/foo")'
        errors.invalid(path, text, rule)


def _invalid(value: str, messages: Iterable[str], errors: FieldErrors, path: str) -> bool:
    """Add the messages as one problem; whether there was one."""
    detail = ",".join(messages)
    if detail:
        errors.invalid(path, value, detail)
    return bool(detail)
