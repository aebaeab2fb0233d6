"""From a request's body to an object of the endpoint's kind, with upstream's refusals.

Knows names, namespaces and kinds; fields are `machinery.schema`'s business.
"""

from dataclasses import dataclass
from typing import Any

from kcore.apiserver.endpoint import Endpoint
from kcore.errors import ApiError, bad_request
from kcore.machinery.frozen import EMPTY_MAP, FrozenList, FrozenMap, dumps, freeze
from kcore.machinery.request import FieldValidation, Request
from kcore.machinery.resource import GroupVersionKind
from kcore.machinery.schema import decode_kept
from kcore.machinery.schema_scalars import json_type
from kcore.machinery.scheme import Scheme
from kcore.records import record

# How much of a body that is not recognized upstream quotes.
_SHOWN_BYTES = 30
_SCHEME_SOURCE = 'scheme "pkg/runtime/scheme.go:111"'

NAMESPACE_MISMATCH = (
    "the namespace of the provided object does not match the namespace sent on the request"
)


def decode_body(
    request: Request, endpoint: Endpoint, scheme: Scheme, stored: FrozenMap | None = None
) -> tuple[FrozenMap, tuple[str, ...]]:
    """The object in the body and warnings about its fields; see `decode_as` for `stored`.

    Raises:
        ApiError: 400, the body is no object of this kind, or strict decoding refuses it.
    """
    if request.body is None:
        raise bad_request("EOF")
    check_kind(request.body, endpoint.info.gvk, scheme)
    return decode_at(endpoint, request, request.body, stored)


def decode_at(
    endpoint: Endpoint, request: Request, body: FrozenMap, stored: FrozenMap | None = None
) -> tuple[FrozenMap, tuple[str, ...]]:
    """Decode `body`, whose kind was checked already, as an endpoint's objects.

    It is the request's body or what a patch made of the stored object. The warnings start with the
    problems of the request's text.
    """
    gvk = endpoint.info.gvk
    if endpoint.custom is None:
        if request.has_empties:
            obj, problems = decode_sent(body, gvk)
        else:
            obj, problems = _decoded(body, gvk, stored)
    else:
        decoded = endpoint.custom.decode(_named(body, gvk))
        obj, problems = decoded.object, decoded.problems
    problems = (*request.body_problems, *problems)
    return obj, _judged(problems, gvk, request.write_options.field_validation)


def decode_sent(body: FrozenMap, gvk: GroupVersionKind) -> tuple[FrozenMap, tuple[str, ...]]:
    """Decode `body` with its empty lists and maps, which validation is to see."""
    decoded = decode_kept(body, gvk.api_version, gvk.kind, sent=True)
    return _named(decoded.object, gvk), decoded.problems


def decode_as(
    body: FrozenMap,
    expected: GroupVersionKind,
    validation: FieldValidation,
    stored: FrozenMap | None = None,
) -> tuple[FrozenMap, tuple[str, ...]]:
    """Decode `body` as a kind that was checked already.

    Parts that are equal to the `stored` object's were decoded when that was written; they are
    taken from it and not looked at again. So is what `metadata` and `status` have in common.
    """
    obj, problems = _decoded(body, expected, stored)
    return obj, _judged(problems, expected, validation)


def _decoded(
    body: FrozenMap, expected: GroupVersionKind, stored: FrozenMap | None
) -> tuple[FrozenMap, tuple[str, ...]]:
    known = None if stored is None else _known_parts(body, stored)
    rest = body if known is None else known.rest
    decoded = decode_kept(rest, expected.api_version, expected.kind)
    obj, problems = decoded.object, decoded.problems
    obj = _named(obj, expected)
    if known is not None:
        obj = known.joined(obj)
    if not isinstance(obj.get("metadata", EMPTY_MAP), FrozenMap | None):
        # Built-in kinds were refused by their types already.
        raise bad_request("metadata: Invalid value: must be an object")
    return obj, problems


def _named(obj: FrozenMap, expected: GroupVersionKind) -> FrozenMap:
    """The object, saying what it is."""
    if obj.get("kind") is None or obj.get("apiVersion") is None:
        return obj.set("apiVersion", expected.api_version).set("kind", expected.kind)
    return obj


def _judged(
    problems: tuple[str, ...], expected: GroupVersionKind, validation: FieldValidation
) -> tuple[str, ...]:
    """The problems to warn about.

    Raises:
        ApiError: 400, there are some and strict decoding was asked for.
    """
    if not problems or validation == "Ignore":
        return ()
    if validation == "Strict":
        raise bad_request(
            f'{expected.kind} in version "{expected.version}" cannot be handled as a '
            f"{expected.kind}: strict decoding error: {', '.join(problems)}"
        )
    return problems


@record
@dataclass(frozen=True, slots=True)
class _Known:
    """A body in two: what has to be decoded, and what the stored object has already."""

    rest: FrozenMap
    whole: dict[str, Any]
    inner: dict[str, dict[str, Any]]

    def joined(self, decoded: FrozenMap) -> FrozenMap:
        """The decoded rest with the known parts put back."""
        fields = {**decoded, **self.whole}
        for key, parts in self.inner.items():
            fields[key] = freeze({**(decoded.get(key) or EMPTY_MAP), **parts})
        obj: FrozenMap = freeze(fields)
        return obj


def _known_parts(body: FrozenMap, stored: FrozenMap) -> _Known | None:
    """What `body` has in common with the stored object; None when nothing is."""
    whole = _equal_children(body, stored)
    inner, rest = {}, {key: value for key, value in body.items() if key not in whole}
    for key in ("metadata", "status"):
        new, old = rest.get(key), stored.get(key)
        if isinstance(new, FrozenMap) and isinstance(old, FrozenMap):
            parts = _equal_children(new, old)
            if parts:
                inner[key] = parts
                rest[key] = {name: value for name, value in new.items() if name not in parts}
    return _Known(freeze(rest), whole, inner) if whole or inner else None


def _equal_children(new: FrozenMap, old: FrozenMap) -> dict[str, Any]:
    """Maps and lists that both have, as the old object holds them."""
    found = {}
    for key, value in new.items():
        if isinstance(value, FrozenMap | FrozenList):
            before = old.get(key)
            if before is value or (before is not None and before == value):
                found[key] = before
    return found


def check_kind(body: FrozenMap, expected: GroupVersionKind, scheme: Scheme) -> None:
    """Compare `apiVersion` and `kind` of a body with the endpoint's; both may be absent.

    Raises:
        ApiError: 400 with upstream's text.
    """
    _check_type_texts(body, expected)
    api_version = body.get("apiVersion") or expected.api_version
    kind = body.get("kind") or expected.kind
    if api_version == expected.api_version and kind == expected.kind:
        return
    found = GroupVersionKind.of(str(api_version), str(kind))
    known = scheme.by_kind(found.api_version, found.kind) is not None
    if kind == expected.kind and known and found.group != expected.group:
        raise bad_request(
            f"the API version in the data ({api_version}) does not match the expected API version "
            f"({expected.api_version})"
        )
    if known or (kind.endswith("List") and scheme.by_kind(api_version, kind[:-4]) is not None):
        target = f"{_internal(expected.group)}.{expected.kind}"
        why = f"converting ({found.version}.{kind}) to ({target}): unknown conversion"
    else:
        why = f'no kind "{kind}" is registered for version "{api_version}" in {_SCHEME_SOURCE}'
    raise bad_request(
        f'{kind} in version "{found.version}" cannot be handled as a {expected.kind}: {why}'
    )


def _check_type_texts(body: FrozenMap, expected: GroupVersionKind) -> None:
    for name in ("apiVersion", "kind"):
        value = body.get(name)
        if value is not None and not isinstance(value, str):
            text = dumps(body).decode()
            shown = text if len(text) <= _SHOWN_BYTES else f"{text[:_SHOWN_BYTES]} ..."
            raise bad_request(
                f"the object provided is unrecognized (must be of type {expected.kind}): couldn't "
                f"get version/kind; json parse error: json: cannot unmarshal {json_type(value)} "
                f"into Go struct field .{name} of type string ({shown})"
            )


def _internal(group: str) -> str:
    return group.partition(".")[0] or "core"


def check_name(obj: FrozenMap, name: str) -> None:
    """The object's name must be the URL's.

    Raises:
        ApiError: 400 with upstream's text.
    """
    found = obj.at("metadata", "name", default="")
    if not found:
        raise bad_request(
            f"the name of the object ({name} based on URL) was undeterminable: "
            "name must be provided"
        )
    if found != name:
        raise bad_request(
            f"the name of the object ({found}) does not match the name on the URL ({name})"
        )


def placed(obj: FrozenMap, endpoint: Endpoint, namespace: str) -> FrozenMap:
    """The object in the request's namespace; cluster-scoped ones lose theirs.

    Raises:
        ApiError: 400, the object names another namespace.
    """
    metadata = obj.get("metadata") or EMPTY_MAP
    found = metadata.get("namespace") or ""
    if not endpoint.info.namespaced:
        return obj.remove(("metadata", "namespace")) if "namespace" in metadata else obj
    if not found:
        return obj.set(("metadata", "namespace"), namespace)
    if found != namespace:
        raise bad_request(NAMESPACE_MISMATCH)
    return obj


def method_not_allowed() -> ApiError:
    """405 of a verb that the path does not take."""
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message)


def no_such_resource() -> ApiError:
    """404 of a path that the server does not have."""
    return ApiError(404, "NotFound", "the server could not find the requested resource")
