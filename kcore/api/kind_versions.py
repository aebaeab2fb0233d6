"""Kinds that are served in several versions: which one is kept, and how objects get to another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from kcore.api.autoscaling_v2.autoscaler_defaults import default_v1
from kcore.api.catalog import default_scheme
from kcore.api.conversion import convert, convert_without_defaults, served_versions
from kcore.api.kind_rules import Default, KindRules, unchanged
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.scheme import ResourceInfo

ToVersion = Callable[[FrozenMap, str], FrozenMap]

# Defaults of versions that are not kept.
_DEFAULTS: Final[Mapping[tuple[str, str], Default]] = {
    ("autoscaling/v1", "HorizontalPodAutoscaler"): default_v1,
}


@dataclass(frozen=True, slots=True)
class KindVersions:
    """The versions of one kind.

    Attributes:
        served: their names, `apiVersion`s.
        kept: the one that the store has.
        to_version: an object in another version, with what its own version fills in.
        bare: the same without filling anything in: what apply compares.
        fill_kept: completes an object in the kept version.
    """

    served: tuple[str, ...]
    kept: str
    to_version: ToVersion
    bare: ToVersion
    fill_kept: Default = unchanged

    def to_kept(self, obj: FrozenMap) -> FrozenMap:
        """The object as the store has it."""
        if obj["apiVersion"] == self.kept:
            return obj
        return self.fill_kept(self.to_version(obj, self.kept))


def built_in_versions(info: ResourceInfo, rules: KindRules) -> KindVersions | None:
    """The versions of a built-in resource; None when there is only one."""
    gvk = info.gvk
    kept = default_scheme().by_group_resource(gvk.group, info.resource)
    if kept is None:
        return None
    served = tuple(
        version
        for version in served_versions(kept.gvk.api_version, gvk.kind)
        if version.rpartition("/")[0] == gvk.group
    )
    if len(served) == 1 or gvk.api_version not in served:
        return None
    return KindVersions(
        served, kept.gvk.api_version, convert, convert_without_defaults, rules.default
    )


def rules_in_version(rules: KindRules, api_version: str, kind: str, to_kept: Default) -> KindRules:
    """The rules of a version that is not kept: its own defaults, the kept one's judgement."""
    of_status = rules.validate_status or rules.validate_metadata

    def validate(obj: FrozenMap, errors: FieldErrors) -> None:
        rules.validate(to_kept(obj), errors)

    def validate_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
        rules.validate_update(to_kept(new), to_kept(old), errors)

    def validate_status(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
        if of_status is not None:
            of_status(to_kept(new), to_kept(old), errors)

    return replace(
        rules,
        default=_DEFAULTS.get((api_version, kind), unchanged),
        validate=validate,
        validate_update=validate_update,
        validate_status=validate_status if of_status is not None else None,
    )
