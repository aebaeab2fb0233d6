"""A kind that a CustomResourceDefinition defines: its versions, their schemas and rules.

Everything here follows from the definition alone. Versions are converted by renaming, upstream's
strategy `None`; webhooks convert nothing here. Rules in CEL are not looked at.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from kcore.api.kind_rules import FieldLabel, KindRules
from kcore.api.object_rules import MetaRules
from kcore.errors import bad_request
from kcore.machinery.apply.openapi_schema import custom_type
from kcore.machinery.apply.typed_schema import TypeRef
from kcore.machinery.field_errors import (
    INVALID,
    NOT_SUPPORTED,
    REQUIRED,
    TOO_LONG,
    TOO_MANY,
    TYPE_INVALID,
    FieldError,
    FieldErrors,
)
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, thaw
from kcore.machinery.go_text import value_text
from kcore.machinery.identity_memo import once_per_object
from kcore.machinery.names import subdomain_name
from kcore.machinery.resource import GroupVersionKind
from kcore.machinery.schema import Decoded
from kcore.machinery.schema_scalars import ScalarError
from kcore.machinery.scheme import ResourceInfo
from kcore.machinery.structural.embedded_objects import (
    EmbeddedObjectError,
    read_metadata,
    with_read_metadata,
)
from kcore.machinery.structural.filling import with_defaults, without_stray_nulls
from kcore.machinery.structural.list_rules import check_lists
from kcore.machinery.structural.pruning import prune
from kcore.machinery.structural.structural_schema import Structural, compile_schema
from kcore.machinery.structural.validation import NO_PATH, check_value

_VERBS: Final = (
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "create",
    "update",
    "watch",
)
_VERSION: Final = re.compile(r"v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?")
_STAGES: Final = {"alpha": 0, "beta": 1, None: 2}


@dataclass(frozen=True)
class CustomVersion:
    """One served version of a custom kind.

    Attributes:
        info: the resource as schemes have it.
        row: the version as the definition has it.
    """

    info: ResourceInfo
    row: FrozenMap

    @cached_property
    def schema(self) -> Structural:
        """The structural schema; one that allows anything when the version has none."""
        return compile_schema(self.row.at("schema", "openAPIV3Schema", default=_FREE))

    @cached_property
    def type_ref(self) -> TypeRef:
        """The type for server-side apply."""
        schema = self.row.at("schema", "openAPIV3Schema")
        return custom_type(None if schema is None else thaw(schema))

    @property
    def has_status(self) -> bool:
        """Whether the status has its own endpoint."""
        return "status" in self.info.subresources

    @property
    def scale(self) -> FrozenMap | None:
        """The paths of the scale endpoint; None without one."""
        found: FrozenMap | None = self.row.at("subresources", "scale")
        return found

    def decode(self, body: FrozenMap) -> Decoded:
        """`body` as upstream reads it: defaults, pruning, metadata; unknown fields are reported.

        Raises:
            ApiError: 400 with upstream's text, for metadata of the wrong type.
        """
        gvk, unknown = self.info.gvk, list[str]()
        problems: list[str] = []
        obj: FrozenMap = with_defaults(body, self.schema)
        try:
            metadata = obj.get("metadata")
            if metadata is not None:
                metadata = read_metadata(metadata, "metadata", problems)
            obj = without_stray_nulls(prune(obj, self.schema, unknown), self.schema)
            problems += [f'unknown field "{path}"' for path in unknown]
            obj = with_read_metadata(obj, self.schema, "", problems)
        except EmbeddedObjectError as error:
            raise bad_request(str(error)) from None
        except ScalarError as error:
            raise bad_request(
                f'{gvk.kind} in version "{gvk.version}" cannot be handled as a {gvk.kind}: {error}'
            ) from None
        if metadata is not obj.get("metadata"):
            obj = obj.set("metadata", metadata)
        return Decoded(obj, tuple(problems))

    def completed(self, merged: FrozenMap) -> FrozenMap:
        """An object that server-side apply has merged: defaults, and metadata as it is kept."""
        obj: FrozenMap = with_defaults(merged, self.schema)
        metadata = read_metadata(obj.get("metadata"), "metadata", [])
        return obj if metadata is obj.get("metadata") else obj.set("metadata", metadata)

    def default(self, obj: FrozenMap) -> FrozenMap:
        """The object with the schema's defaults."""
        filled: FrozenMap = with_defaults(obj, self.schema)
        return filled

    def validate(self, obj: FrozenMap, errors: FieldErrors) -> None:
        """Append the problems of a new object, sorted by text: upstream has no order."""
        found = FieldErrors()
        self._meta.validate(obj, found)
        found.extend(check_value(obj, self.schema))
        self._check_scale(obj, found)
        check_lists(obj, self.schema, found)
        self._add_problems(found, errors)

    def validate_update(self, new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
        """Append the problems of a change; what was wrong already may stay."""
        found = FieldErrors()
        self._meta.validate_update(new, old, found)
        found.extend(check_value(new, self.schema, old))
        self._check_scale(new, found)
        self._check_new_lists(new, old, found)
        self._add_problems(found, errors)

    def validate_status(self, new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
        """Append the problems of a change of the status."""
        found = FieldErrors()
        self._meta.validate_update(new, old, found)
        status = self.schema.properties.get("status")
        if status is not None and "status" in new:
            before = {} if "status" not in old else {"old": old["status"]}
            found.extend(check_value(new["status"], status, path="status", **before))
        self._check_scale(new, found)
        self._check_new_lists(new, old, found)
        self._add_problems(found, errors)

    def _add_problems(self, found: FieldErrors, errors: FieldErrors) -> None:
        """Append problems in the order of their texts; what blocks rules in CEL is said too."""
        if self.schema.has_cel and any(error.type in _BLOCKING for error in found):
            found.add(FieldError(INVALID, NO_PATH, None, _UNCHECKED))
        errors.extend(sorted(found, key=str))

    @cached_property
    def _meta(self) -> MetaRules:
        return MetaRules(self.info.namespaced, subdomain_name, known_finalizers=False)

    def _check_new_lists(self, new: FrozenMap, old: FrozenMap, found: FieldErrors) -> None:
        before = FieldErrors()
        check_lists(old, self.schema, before)
        if not len(before):
            check_lists(new, self.schema, found)

    def _check_scale(self, obj: FrozenMap, found: FieldErrors) -> None:
        scale = self.scale
        if scale is None:
            return
        for place in ("specReplicasPath", "statusReplicasPath"):
            path = scale.get(place) or ""
            value = obj.at(*path.lstrip(".").split("."))
            if value is None:
                continue
            if not isinstance(value, int) or isinstance(value, bool):
                kind = {str: "string", bool: "bool", float: "float64"}.get(type(value), "object")
                shown = value if isinstance(value, str) else value_text(value)
                why = f"{path} accessor error: {shown} is of the type {kind}, expected int64"
                found.invalid(path, 0, why)
            elif value < 0:
                found.invalid(path, value, "should be a non-negative integer")
            elif value > _INT32_MAX:
                why = f"should be less than or equal to {_INT32_MAX}"
                found.invalid(path, value, why)


_BLOCKING: Final = frozenset({NOT_SUPPORTED, REQUIRED, TOO_LONG, TOO_MANY, TYPE_INVALID})
_UNCHECKED: Final = (
    "some validation rules were not checked because the object was invalid; correct the existing "
    "errors to complete validation"
)
_FREE: Final = EMPTY_MAP.set("x-kubernetes-preserve-unknown-fields", True)
_INT32_MAX: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class CustomKind:
    """All served versions of one custom kind; objects are kept in `stored`."""

    versions: Mapping[str, CustomVersion]
    stored: str

    @property
    def api_version_stored(self) -> str:
        """The `apiVersion` that objects are kept in."""
        first = next(iter(self.versions.values()))
        return f"{first.info.gvk.group}/{self.stored}"

    def renamed(self, obj: FrozenMap, api_version: str) -> FrozenMap:
        """The object in another version."""
        return obj if obj["apiVersion"] == api_version else obj.set("apiVersion", api_version)


@once_per_object(count_max=256)
def custom_kind(definition: FrozenMap) -> CustomKind:
    """What a definition defines. Remembered for the same definition."""
    spec = definition["spec"]
    rows = [row for row in spec.get("versions") or EMPTY_LIST if row.get("served")]
    rows.sort(key=lambda row: version_priority(row["name"]), reverse=True)
    versions = {
        row["name"]: CustomVersion(_info(spec, row, place == 0), row)
        for place, row in enumerate(rows)
    }
    stored = [row["name"] for row in spec.get("versions") or EMPTY_LIST if row.get("storage")]
    return CustomKind(versions, stored[0] if stored else "")


def version_priority(name: str) -> tuple[object, ...]:
    """For sorting: `v2` before `v1`, both before `v2beta1`, those before anything else."""
    found = _VERSION.fullmatch(name)
    if found is None:
        return (0, tuple(-ord(letter) for letter in name))
    return (1, _STAGES[found.group(2)], int(found.group(1)), int(found.group(3) or 0))


def _info(spec: FrozenMap, row: FrozenMap, preferred: bool) -> ResourceInfo:
    names = spec["names"]
    subresources = row.get("subresources") or EMPTY_MAP
    return ResourceInfo(
        gvk=GroupVersionKind(spec["group"], row["name"], names["kind"]),
        resource=names["plural"],
        singular=names.get("singular") or names["kind"].lower(),
        namespaced=spec.get("scope") != "Cluster",
        verbs=_VERBS,
        subresources=tuple(name for name in ("status", "scale") if name in subresources),
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        preferred=preferred,
    )


def custom_rules(version: CustomVersion) -> KindRules:
    """The rules of a version in the form that every kind has."""
    return KindRules(
        default=version.default,
        validate=version.validate,
        validate_update=version.validate_update,
        field_labels=_field_labels(version.row),
        has_status=version.has_status,
        has_generation=True,
    )


def _field_labels(row: FrozenMap) -> Mapping[str, FieldLabel]:
    paths = [each.get("jsonPath") or "" for each in row.get("selectableFields") or EMPTY_LIST]
    return {path.lstrip("."): _reader(path) for path in paths}


def _reader(path: str) -> Callable[[FrozenMap], str]:
    steps = path.lstrip(".").split(".")

    def read(obj: FrozenMap) -> str:
        found: Any = obj.at(*steps)
        if found is None:
            return ""
        return found if isinstance(found, str) else value_text(found)

    return read
