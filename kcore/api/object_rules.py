"""The frame around the rules of a kind: what upstream checks before and after them.

A new object passes the kind's rules, then the generic ones for metadata. A change passes the
generic rules first. Problems that repeat are reported once.
"""

from dataclasses import dataclass
from typing import Literal

from kcore.api.kind_rules import Validate, ValidateUpdate
from kcore.machinery.field_errors import FieldError, FieldErrors
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.meta import (
    metadata_of,
    validate_kept_finalizers,
    validate_object_meta,
    validate_object_meta_update,
)
from kcore.machinery.names import NameRule, path_segment

Again = Literal["never", "before", "after"]


@dataclass(frozen=True, slots=True)
class MetaRules:
    """Rules for the metadata of a kind, as its own validation applies them.

    Attributes:
        namespaced: whether a namespace is needed or forbidden; None takes either (custom kinds).
        name_rule: which names are legal.
        known_finalizers: finalizers without a domain must be standard ones.
    """

    namespaced: bool | None
    name_rule: NameRule
    known_finalizers: bool = True

    def validate(self, obj: FrozenMap, errors: FieldErrors) -> None:
        """The metadata of a new object."""
        meta = metadata_of(obj)
        validate_object_meta(meta, self.is_namespaced(meta), self.name_rule, errors)
        if self.known_finalizers:
            validate_kept_finalizers(meta, errors)

    def validate_update(self, new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
        """The metadata of a change."""
        meta = metadata_of(new)
        validate_object_meta_update(meta, metadata_of(old), errors)
        if self.known_finalizers:
            validate_kept_finalizers(meta, errors)

    def is_namespaced(self, meta: FrozenMap) -> bool:
        """The scope to check `meta` against."""
        return bool(meta.get("namespace")) if self.namespaced is None else self.namespaced


@dataclass(frozen=True, slots=True)
class Validation:
    """The rules of a kind apart from its metadata.

    Attributes:
        of_new: the problems of a new object.
        of_update: the problems of a change (new, old, errors).
        again: whether a changed object must also pass as a new one, and when.
        owns_metadata: the kind checks metadata itself, by older rules.
        of_again: what "as a new one" means for a changed object; `of_new` if absent.
        of_status: the problems of a change through the status endpoint.
    """

    of_new: Validate
    of_update: ValidateUpdate
    again: Again = "after"
    owns_metadata: bool = False
    of_again: Validate | None = None
    of_status: ValidateUpdate | None = None


@dataclass(frozen=True, slots=True)
class FramedRules:
    """A kind's rules within the generic ones."""

    meta: MetaRules
    kind: Validation

    def validate(self, obj: FrozenMap, errors: FieldErrors) -> None:
        """Append the problems of a new object."""
        found = FieldErrors()
        self._as_new(obj, found, self.kind.of_new)
        if not found:
            meta = metadata_of(obj)
            validate_object_meta(meta, self.meta.is_namespaced(meta), path_segment, found)
        errors.extend(distinct(found))

    def validate_update(self, new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
        """Append the problems of changing `old` into `new`."""
        found = FieldErrors()
        meta = metadata_of(new)
        validate_object_meta(meta, self.meta.is_namespaced(meta), path_segment, found)
        validate_object_meta_update(meta, metadata_of(old), found)
        if self.kind.again == "before":
            self._as_new(new, found, self.kind.of_again or self.kind.of_new)
        if not self.kind.owns_metadata:
            self.meta.validate_update(new, old, found)
        self.kind.of_update(new, old, found)
        if self.kind.again == "after":
            self._as_new(new, found, self.kind.of_again or self.kind.of_new)
        errors.extend(distinct(found))

    def validate_metadata(self, new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
        """Append the problems of a change of metadata alone. O(metadata)."""
        if new["metadata"] is not old["metadata"]:
            found = FieldErrors()
            self._of_metadata(new, old, found)
            errors.extend(distinct(found))

    def _of_metadata(self, new: FrozenMap, old: FrozenMap, found: FieldErrors) -> None:
        meta = metadata_of(new)
        validate_object_meta(meta, self.meta.is_namespaced(meta), path_segment, found)
        validate_object_meta_update(meta, metadata_of(old), found)
        if not self.kind.owns_metadata:
            self.meta.validate_update(new, old, found)
            if self.kind.again != "never":
                self.meta.validate(new, found)

    def validate_status(self, new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
        """Append the problems of a change through the status endpoint."""
        found, meta = FieldErrors(), metadata_of(new)
        if new["metadata"] is not old["metadata"]:
            validate_object_meta(meta, self.meta.is_namespaced(meta), path_segment, found)
            validate_object_meta_update(meta, metadata_of(old), found)
            if not self.kind.owns_metadata:
                self.meta.validate_update(new, old, found)
        if self.kind.of_status is not None:
            self.kind.of_status(new, old, found)
        errors.extend(distinct(found))

    def _as_new(self, obj: FrozenMap, found: FieldErrors, check: Validate) -> None:
        if not self.kind.owns_metadata:
            self.meta.validate(obj, found)
        check(obj, found)


def no_rules(_obj: FrozenMap, _errors: FieldErrors) -> None:
    """A kind without rules of its own."""


def no_update_rules(_new: FrozenMap, _old: FrozenMap, _errors: FieldErrors) -> None:
    """A kind whose changes need no rules of their own."""


def distinct(found: FieldErrors) -> list[FieldError]:
    """The problems in order, each once."""
    return list({(error.type, error.field, error.body()): error for error in found}.values())
