"""Where a webhook is: a URL or a service."""

from typing import Final

from kcore.machinery.field_errors import FieldErrors, child
from kcore.machinery.formats import dns1123_subdomain, port_number
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.go_url import UrlError, parse_url

_FORM: Final = "; desired format: https://host[/path]"


def validate_client(holder: FrozenMap, errors: FieldErrors, path: str) -> None:
    """Exactly one of the two, well formed."""
    config = holder.get("clientConfig") or EMPTY_MAP
    here = child(path, "clientConfig")
    url, service = config.get("url"), config.get("service")
    if (url is None) == (service is None):
        errors.required(here, "exactly one of url or service is required")
    elif url is not None:
        validate_webhook_url(url, errors, child(here, "url"))
    elif service is not None:
        validate_webhook_service(service, errors, child(here, "service"))


def validate_webhook_url(text: str, errors: FieldErrors, path: str) -> None:
    """An https URL with a host and a path, no more."""
    try:
        url = parse_url(text)
    except UrlError as error:
        errors.required(path, f"url must be a valid URL: {error}{_FORM}")
        return
    if url.scheme != "https":
        errors.invalid(path, url.scheme, f"'https' is the only allowed URL scheme{_FORM}")
    if not url.host:
        errors.invalid(path, "", f"host must be specified{_FORM}")
    if url.user is not None:
        errors.invalid(path, url.user, "user information is not permitted in the URL")
    if url.fragment:
        errors.invalid(path, url.fragment, "fragments are not permitted in the URL")
    if url.query:
        errors.invalid(path, url.query, "query parameters are not permitted in the URL")


def validate_webhook_service(service: FrozenMap, errors: FieldErrors, path: str) -> None:
    """A service by name, one of its ports, and a path."""
    # Upstream takes one of the two for the other: a missing name is called a missing namespace.
    for field, shown in (("namespace", "name"), ("name", "namespace")):
        if not service.get(field):
            errors.required(child(path, shown))
    port = service.get("port") or 0
    problems = port_number(port)
    if problems:
        errors.invalid(child(path, "port"), port, f"port is not valid: {', '.join(problems)}")
    text = service.get("path")
    if text and text != "/":
        _validate_path(text, errors, child(path, "path"))


def _validate_path(text: str, errors: FieldErrors, path: str) -> None:
    if text == "//":
        errors.invalid(path, text, "segment[0] may not be empty")
        return
    if not text.startswith("/"):
        errors.invalid(path, text, "must start with a '/'")
    for position, step in enumerate(text[1:].removesuffix("/").split("/")):
        if not step:
            errors.invalid(path, text, f"segment[{position}] may not be empty")
            continue
        for problem in dns1123_subdomain(step):
            errors.invalid(path, text, f"segment[{position}]: {problem}")
