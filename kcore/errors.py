"""Every exception of kcore: the user's mistake, the API's refusal, or our own bug.

* `ApiError` is what the API server answers instead of an object. It carries the `reason` and HTTP
  `code` of a Kubernetes `Status`, with upstream's message, because clients match on them.
* `ManifestError` is about a file somebody wrote: it names file, line, object and field.
* `NotModelledError` names a part of Kubernetes that kcore does not have (yet).
* `InvariantError` marks a bug in kcore. Nothing in kcore catches it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class KcoreError(Exception):
    """Base of everything kcore raises on purpose."""


class InvariantError(KcoreError):
    """A promise kcore makes to itself was broken: a bug in kcore, never a mistake of the user."""


class NotModelledError(KcoreError):
    """The named part of Kubernetes is not part of kcore; `docs/reference/fidelity.md` lists it."""


class LimitError(KcoreError):
    """A bound of `kcore.limits` was reached; the message names the bound."""


class ManifestError(KcoreError):
    """A manifest cannot be used. The message reads `file:line: object: field: rule`."""

    def __init__(
        self, rule: str, *, source: str = "", line: int = 0, subject: str = "", field: str = ""
    ) -> None:
        where = f"{source}:{line}" if line else source
        super().__init__(": ".join(part for part in (where, subject, field, rule) if part))
        self.rule = rule
        self.source = source
        self.line = line
        self.subject = subject
        self.field = field


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason of a refusal: `field` is a path such as `spec.replicas`, `reason` upstream's."""

    reason: str
    message: str
    field: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return the cause as it stands in `Status.details.causes`."""
        pairs = {"reason": self.reason, "message": self.message, "field": self.field}
        return {key: value for key, value in pairs.items() if value}


@dataclass(frozen=True, slots=True)
class Details:
    """What the refusal is about: `kind` is the plural resource, or the kind for `Invalid`."""

    name: str = ""
    group: str = ""
    kind: str = ""
    uid: str = ""
    causes: Sequence[Cause] = ()
    retry_after_s: int = 0
    # Some refusals show details even though there is nothing in them.
    shown_empty: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return `Status.details`."""
        pairs: Mapping[str, Any] = {
            "name": self.name,
            "group": self.group,
            "kind": self.kind,
            "uid": self.uid,
            "causes": [cause.to_dict() for cause in self.causes],
            "retryAfterSeconds": self.retry_after_s,
        }
        return {key: value for key, value in pairs.items() if value}


@dataclass(eq=False)
class ApiError(KcoreError):
    """A refusal by the API server: upstream's reason, HTTP code, message and details.

    `warnings` are what the server had warned of before it refused.
    """

    code: int
    reason: str
    message: str
    details: Details = field(default_factory=Details)
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message

    def to_status(self) -> dict[str, Any]:
        """Return the `Status` object that an HTTP client would receive."""
        status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "code": self.code,
        }
        if self.reason:
            status["reason"] = self.reason
        details = self.details.to_dict()
        if details or self.details.shown_empty:
            status["details"] = details
        return status


def _qualified(resource: str, group: str) -> str:
    return f"{resource}.{group}" if group else resource


def not_found(resource: str, name: str, group: str = "") -> ApiError:
    """404 `pods "web" not found`."""
    message = f'{_qualified(resource, group)} "{name}" not found'
    return ApiError(404, "NotFound", message, Details(name, group, resource))


def already_exists(resource: str, name: str, group: str = "") -> ApiError:
    """409 `pods "web" already exists`."""
    message = f'{_qualified(resource, group)} "{name}" already exists'
    return ApiError(409, "AlreadyExists", message, Details(name, group, resource))


def conflict(resource: str, name: str, why: str, group: str = "") -> ApiError:
    """409: the write met another state than it named."""
    message = f'Operation cannot be fulfilled on {_qualified(resource, group)} "{name}": {why}'
    return ApiError(409, "Conflict", message, Details(name, group, resource))


def stale_object(resource: str, name: str, group: str = "") -> ApiError:
    """409 of an update whose resourceVersion is not the latest."""
    why = (
        "the object has been modified; "
        "please apply your changes to the latest version and try again"
    )
    return conflict(resource, name, why, group)


def bad_request(message: str) -> ApiError:
    """400: the request cannot be understood."""
    return ApiError(400, "BadRequest", message)


def forbidden(resource: str, name: str, why: str, group: str = "") -> ApiError:
    """403: understood and refused."""
    subject = f'{_qualified(resource, group)} "{name}"' if name else _qualified(resource, group)
    message = f"{subject} is forbidden: {why}"
    return ApiError(403, "Forbidden", message, Details(name, group, resource))


def method_not_supported(resource: str, verb: str, group: str = "") -> ApiError:
    """405: the resource is served, the verb is not."""
    message = f'{verb} is not supported on resources of kind "{_qualified(resource, group)}"'
    return ApiError(405, "MethodNotAllowed", message, Details(group=group, kind=resource))


def expired(message: str) -> ApiError:
    """410: the wanted revision is gone; list again."""
    return ApiError(410, "Expired", message)


def unsupported_media_type(message: str) -> ApiError:
    """415: no decoder for this body."""
    return ApiError(415, "UnsupportedMediaType", message)


def too_many_requests(message: str, retry_after_s: int = 1) -> ApiError:
    """429: try again later; also an eviction that a disruption budget refuses."""
    return ApiError(429, "TooManyRequests", message, Details(retry_after_s=retry_after_s))


def internal_error(message: str) -> ApiError:
    """500: an injected fault, or a refused request without better words."""
    return ApiError(500, "InternalError", f"Internal error occurred: {message}")


def too_large_resource_version(wanted: int, current: int) -> ApiError:
    """504 of a read that asks for a revision which does not exist yet."""
    message = f"Too large resource version: {wanted}, current: {current}"
    causes = (Cause("ResourceVersionTooLarge", "Too large resource version"),)
    return ApiError(504, "Timeout", message, Details(causes=causes, retry_after_s=1))
