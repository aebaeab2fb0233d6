"""Methods of plugins that are there for the sake of the point and never say anything.

Upstream's plugins take part in points at which, in this model, nothing is left to do. They are
listed there, as upstream's are, and a runner that knows so does not call them for each pod.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_MARK = "_is_quiet"


def quiet(method: F) -> F:
    """Mark a method that has no effect and always returns None; an override is not marked."""
    setattr(method, _MARK, method)
    return method


def is_quiet(method: Callable[..., Any]) -> bool:
    """Whether a method, bound or not, needs not be called. A wrapper around a quiet one does."""
    function = getattr(method, "__func__", method)
    return getattr(function, _MARK, None) is function


def speaking(plugins: Sequence[Any], name: str) -> list[Any]:
    """The plugins whose method of this name may say something, in order."""
    return [plugin for plugin in plugins if not is_quiet(getattr(plugin, name))]
