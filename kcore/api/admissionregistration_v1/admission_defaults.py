"""Defaults of webhook configurations and admission policies."""

from collections.abc import Mapping
from typing import Any, Final

from kcore.api.filling import fill, map_child, map_items
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap

_MATCH: Final[Mapping[str, Any]] = {
    "matchPolicy": "Equivalent",
    "namespaceSelector": EMPTY_MAP,
    "objectSelector": EMPTY_MAP,
}
_WEBHOOK: Final[Mapping[str, Any]] = {**_MATCH, "failurePolicy": "Fail", "timeoutSeconds": 10}


def default_validating_webhooks(configuration: FrozenMap) -> FrozenMap:
    """Every webhook fails closed after ten seconds."""
    return map_items(configuration, "webhooks", _webhook)


def default_mutating_webhooks(configuration: FrozenMap) -> FrozenMap:
    """As validating ones; called once."""
    return map_items(
        configuration,
        "webhooks",
        lambda webhook: fill(_webhook(webhook), {"reinvocationPolicy": "Never"}),
    )


def _webhook(webhook: FrozenMap) -> FrozenMap:
    webhook = map_items(fill(webhook, _WEBHOOK), "rules", _rule)
    return map_child(webhook, "clientConfig", default_client_config)


def default_client_config(config: FrozenMap) -> FrozenMap:
    """Services are called on 443."""
    return map_child(config, "service", lambda service: fill(service, {"port": 443}))


def _rule(rule: FrozenMap) -> FrozenMap:
    return fill(rule, {"scope": "*"})


def _match_resources(match: FrozenMap) -> FrozenMap:
    match = fill(match, _MATCH)
    for name in ("resourceRules", "excludeResourceRules"):
        match = map_items(match, name, _rule)
    return match


def default_policy(policy: FrozenMap) -> FrozenMap:
    """Policies fail closed."""
    return map_child(policy, "spec", _policy_spec)


def _policy_spec(spec: FrozenMap) -> FrozenMap:
    return map_child(fill(spec, {"failurePolicy": "Fail"}), "matchConstraints", _match_resources)


def default_policy_binding(binding: FrozenMap) -> FrozenMap:
    """What the binding matches."""
    return map_child(
        binding, "spec", lambda spec: map_child(spec, "matchResources", _match_resources)
    )
