"""Plugin names and how to build the plugins."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from kcore.errors import ManifestError
from kcore.machinery.frozen import FrozenMap
from kcore.scheduler.framework.interfaces import Plugin

Factory: TypeAlias = Callable[[FrozenMap], Plugin]
"""`factory(args)`; `args` is the plugin's section of the configuration."""


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

    def with_plugin(self, name: str, factory: Factory) -> "Registry":
        """A catalogue with one plugin more, or another one under the same name."""
        return Registry({**self._factories, name: factory})

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
