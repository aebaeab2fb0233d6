"""Runs mutators, then validators; the first refusal wins.

Which plugins see a kind of write is decided once per (resource, subresource, operation).
"""

from collections.abc import Sequence
from typing import cast

from kcore.apiserver.admission.plugin import Attributes, Mutator, Objects, Plugin, Validator
from kcore.machinery.frozen import FrozenMap

_PlanKey = tuple[str, str, str]
_Plan = tuple[tuple[Mutator, ...], tuple[Validator, ...]]


class AdmissionChain:
    """The plugins of a server in their order. Immutable but for its memory of plans."""

    __slots__ = ("_plans", "plugins")

    def __init__(self, plugins: Sequence[Plugin]) -> None:
        self.plugins = tuple(plugins)
        self._plans: dict[_PlanKey, _Plan] = {}

    def wants(self, resource: str, subresource: str, operation: str) -> bool:
        """Whether any plugin looks at such writes. O(1) after the first time."""
        mutators, validators = self._plan((resource, subresource, operation))
        return bool(mutators or validators)

    def may_repeat(self, resource: str, subresource: str, operation: str) -> bool:
        """Whether every plugin that looks at such writes decides equal ones equally. O(1) soon."""
        mutators, validators = self._plan((resource, subresource, operation))
        plugins = (*mutators, *validators)
        return all(getattr(plugin, "repeatable", False) for plugin in plugins)

    def mutate(self, attributes: Attributes, objects: Objects) -> FrozenMap | None:
        """The object after every mutator.

        Raises:
            ApiError: a plugin refuses.
        """
        key = (attributes.resource, attributes.subresource, attributes.operation)
        mutators, _ = self._plan(key)
        for plugin in mutators:
            changed = plugin.mutate(attributes, objects)
            if changed is not attributes.object:
                attributes = attributes._replace(object=changed)
        return attributes.object

    def validate(self, attributes: Attributes, obj: FrozenMap | None, objects: Objects) -> None:
        """Ask every validator about the write, whose object has become `obj`.

        Raises:
            ApiError: a plugin refuses.
        """
        key = (attributes.resource, attributes.subresource, attributes.operation)
        _, validators = self._plan(key)
        if validators and obj is not attributes.object:
            attributes = attributes._replace(object=obj)
        for plugin in validators:
            plugin.validate(attributes, objects)

    def _plan(self, key: _PlanKey) -> _Plan:
        plan = self._plans.get(key)
        if plan is None:
            wanted = [plugin for plugin in self.plugins if plugin.handles(*key)]
            plan = (
                tuple(cast("Mutator", plugin) for plugin in wanted if hasattr(plugin, "mutate")),
                tuple(
                    cast("Validator", plugin) for plugin in wanted if hasattr(plugin, "validate")
                ),
            )
            self._plans[key] = plan
        return plan
