"""Runs mutators, then validators; the first refusal wins.

Which plugins see a kind of write is decided once per (resource, subresource, operation).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from kcore.apiserver.admission.plugin import CREATE, Attributes, Mutator, Objects, Plugin, Validator
from kcore.machinery.frozen import FrozenMap

_PlanKey = tuple[str, str, str]
_P = TypeVar("_P", bound=Plugin)


@dataclass(frozen=True, slots=True)
class Plan:
    """The plugins that look at one kind of write, in their order."""

    mutators: tuple[Mutator, ...]
    validators: tuple[Validator, ...]

    def admit(self, attributes: Attributes, objects: Objects) -> FrozenMap | None:
        """The object after every mutator, when no validator has anything against it.

        Raises:
            ApiError: a plugin refuses.
        """
        obj = self.mutate(attributes, objects)
        self.validate(attributes, obj, objects)
        return obj

    def mutate(self, attributes: Attributes, objects: Objects) -> FrozenMap | None:
        """The object after every mutator.

        Raises:
            ApiError: a plugin refuses.
        """
        obj = attributes.object
        for plugin in self.mutators:
            if obj is not attributes.object:
                attributes = attributes._replace(object=obj)
            obj = plugin.mutate(attributes, objects)
        return obj

    def validate(self, attributes: Attributes, obj: FrozenMap | None, objects: Objects) -> None:
        """Ask every validator about the write, whose object has become `obj`.

        Raises:
            ApiError: a plugin refuses.
        """
        if self.validators and obj is not attributes.object:
            attributes = attributes._replace(object=obj)
        for plugin in self.validators:
            plugin.validate(attributes, objects)


class AdmissionChain:
    """The plugins of a server in their order. Immutable but for its memory of plans."""

    __slots__ = ("_plans", "plugins")

    def __init__(self, plugins: Sequence[Plugin]) -> None:
        self.plugins = tuple(plugins)
        self._plans: dict[_PlanKey, Plan] = {}

    def plan(self, resource: str, subresource: str, operation: str) -> Plan:
        """Which of them look at such writes. O(1) after the first time."""
        key = (resource, subresource, operation)
        plan = self._plans.get(key)
        return self._planned(key) if plan is None else plan

    def wants(self, resource: str, subresource: str, operation: str) -> bool:
        """Whether any plugin looks at such writes. O(1) after the first time."""
        plan = self.plan(resource, subresource, operation)
        return bool(plan.mutators or plan.validators)

    def may_repeat(self, resource: str, subresource: str, operation: str) -> bool:
        """Whether every plugin that looks at such writes decides equal ones equally. O(1) soon."""
        plan = self.plan(resource, subresource, operation)
        plugins = (*plan.mutators, *plan.validators)
        return all(getattr(plugin, "repeatable", False) for plugin in plugins)

    def of_bindings(self, resource: str) -> tuple[Plan, tuple[str, ...]] | None:
        """The plugins that are blind to bindings, and the labels that all others only copy.

        None where a plugin promises neither. O(plugins).
        """
        plan = self.plan(resource, "binding", CREATE)
        labels: dict[str, None] = {}
        for plugin in (*plan.mutators, *plan.validators):
            copied = getattr(plugin, "copied_labels", ())
            labels |= dict.fromkeys(copied)
            if not copied and not getattr(plugin, "blind_to_bindings", False):
                return None
        blind = Plan(_blind(plan.mutators), _blind(plan.validators))
        return blind, tuple(labels)

    def mutate(self, attributes: Attributes, objects: Objects) -> FrozenMap | None:
        """The object after every mutator that looks at such writes.

        Raises:
            ApiError: a plugin refuses.
        """
        plan = self.plan(attributes.resource, attributes.subresource, attributes.operation)
        return plan.mutate(attributes, objects)

    def validate(self, attributes: Attributes, obj: FrozenMap | None, objects: Objects) -> None:
        """Ask every validator that looks at such writes; the object has become `obj`.

        Raises:
            ApiError: a plugin refuses.
        """
        plan = self.plan(attributes.resource, attributes.subresource, attributes.operation)
        plan.validate(attributes, obj, objects)

    def _planned(self, key: _PlanKey) -> Plan:
        wanted = [plugin for plugin in self.plugins if plugin.handles(*key)]
        plan = self._plans[key] = Plan(
            tuple(cast("Mutator", plugin) for plugin in wanted if hasattr(plugin, "mutate")),
            tuple(cast("Validator", plugin) for plugin in wanted if hasattr(plugin, "validate")),
        )
        return plan


def _blind(plugins: tuple[_P, ...]) -> tuple[_P, ...]:
    return tuple(plugin for plugin in plugins if getattr(plugin, "blind_to_bindings", False))
