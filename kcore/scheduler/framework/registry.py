"""Plugin names and how to build the plugins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

from kcore.errors import ManifestError
from kcore.machinery.frozen import FrozenMap
from kcore.scheduler.framework.args import decode_args
from kcore.scheduler.framework.interfaces import Plugin

Factory: TypeAlias = Callable[[FrozenMap], Plugin]
"""`factory(args)`; `args` is the plugin's section of the configuration."""


@dataclass(frozen=True, slots=True)
class TypedFactory:
    """Builds a plugin from args of its own type."""

    factory: Callable[[Any], Plugin]
    args_type: type[Any]

    def __call__(self, args: FrozenMap) -> Plugin:
        """Decode, then build.

        Raises:
            ManifestError: the args are not of that type.
        """
        return self.factory(decode_args(args, self.args_type))


class Registry:
    """An immutable catalogue; `with_plugin` adds a user's own."""

    __slots__ = ("_factories",)

    def __init__(self, factories: Mapping[str, Factory]) -> None:
        self._factories = MappingProxyType(dict(factories))

    @property
    def names(self) -> tuple[str, ...]:
        """In the order of registration."""
        return tuple(self._factories)

    def __contains__(self, name: object) -> bool:
        return name in self._factories

    def with_plugin(
        self,
        name: str,
        factory: Callable[[Any], Plugin],
        *,
        args_type: type[Any] | None = None,
    ) -> "Registry":
        """A catalogue with one plugin more, or another one under the same name.

        `factory(args)` gets the plugin's args as they stand in the configuration, or, with
        `args_type`, as an instance of that dataclass.
        """
        own = factory if args_type is None else TypedFactory(factory, args_type)
        return Registry({**self._factories, name: own})

    def build(self, name: str, args: FrozenMap) -> Plugin:
        """Make one plugin.

        Raises:
            ManifestError: nobody registered `name`.
        """
        factory = self._factories.get(name)
        if factory is None:
            raise ManifestError(
                f"no such plugin; known are {', '.join(self._factories)}",
                subject="KubeSchedulerConfiguration",
                field=f"profiles.plugins: {name}",
            )
        return factory(args)
