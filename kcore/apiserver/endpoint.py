"""What the server knows of one served resource, looked up once and shared by all forks.

An endpoint is immutable and knows no state: rules of the kind, facts of the resource, hooks.
"""

from dataclasses import dataclass
from typing import Final

from kcore.api.catalog import default_scheme
from kcore.api.custom_kind import CustomKind, CustomVersion, custom_rules
from kcore.api.kind_rules import KindRules
from kcore.api.kind_versions import KindVersions, built_in_versions, rules_in_version
from kcore.api.rules import rules_for
from kcore.api.warning_table import Warn, no_warnings, warnings_of
from kcore.apiserver.strategy import strategy_of
from kcore.apiserver.strategy.base import Strategy
from kcore.apiserver.strategy.custom import CustomStrategy
from kcore.apiserver.strategy.traits import Traits, traits_of
from kcore.errors import ApiError, already_exists, conflict, not_found, stale_object
from kcore.machinery.scheme import ResourceInfo

_GROUP_OF_KIND: Final = {("events.k8s.io", "Event"): ""}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One resource in one version."""

    info: ResourceInfo
    bucket: str
    api_version: str
    kind: str
    built_in: bool
    rules: KindRules
    traits: Traits
    strategy: Strategy
    warn: Warn = no_warnings
    custom_kind: CustomKind | None = None
    versions: KindVersions | None = None

    @property
    def custom(self) -> CustomVersion | None:
        """The version of a kind that a definition defines; None for all other kinds."""
        kind = self.custom_kind
        return None if kind is None else kind.versions[self.info.gvk.version]

    @property
    def kind_group(self) -> str:
        """The group that refusals name: upstream's, where it keeps the kind in another group."""
        group = self.info.gvk.group
        return _GROUP_OF_KIND.get((group, self.kind), group)

    def not_found(self, name: str) -> ApiError:
        """404 about an object of this resource."""
        return not_found(self.info.resource, name, self.info.gvk.group)

    def already_exists(self, name: str) -> ApiError:
        """409 of a create."""
        return already_exists(self.info.resource, name, self.info.gvk.group)

    def stale(self, name: str) -> ApiError:
        """409 of a write that saw an older version."""
        return stale_object(self.info.resource, name, self.info.gvk.group)

    def conflict(self, name: str, why: str) -> ApiError:
        """409 with another reason."""
        return conflict(self.info.resource, name, why, self.info.gvk.group)


def build_custom_endpoint(kind: CustomKind, version: CustomVersion) -> Endpoint:
    """Gather everything known of a version of a custom kind."""
    info, bucket = version.info, str(version.info.group_resource)
    traits = traits_of(bucket, False)
    return Endpoint(
        info=info,
        bucket=bucket,
        api_version=info.gvk.api_version,
        kind=info.gvk.kind,
        built_in=False,
        rules=custom_rules(version),
        traits=traits,
        strategy=CustomStrategy.of(traits, version.has_status),
        custom_kind=kind,
        versions=KindVersions(
            tuple(each.info.gvk.api_version for each in kind.versions.values()),
            kind.api_version_stored,
            kind.renamed,
            kind.renamed,
        ),
    )


def build_endpoint(info: ResourceInfo) -> Endpoint:
    """Gather everything known of `info`."""
    bucket = str(info.group_resource)
    known = default_scheme().by_kind(info.gvk.api_version, info.gvk.kind)
    built_in = known is not None and known.resource == info.resource
    rules = rules_for(info.gvk.group, info.gvk.kind)
    versions = built_in_versions(info, rules)
    if versions is not None and versions.kept != info.gvk.api_version:
        rules = rules_in_version(rules, info.gvk.api_version, info.gvk.kind, versions.to_kept)
    traits = traits_of(bucket, built_in)
    return Endpoint(
        info=info,
        bucket=bucket,
        api_version=info.gvk.api_version,
        kind=info.gvk.kind,
        built_in=built_in,
        rules=rules,
        traits=traits,
        strategy=strategy_of(info, rules, traits),
        warn=warnings_of(info.gvk.group, info.gvk.kind),
        versions=versions,
    )
