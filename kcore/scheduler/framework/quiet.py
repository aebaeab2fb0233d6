"""Methods of plugins that are there for the sake of the point and never say anything.

Upstream's plugins take part in points at which, in this model, nothing is left to do. They are
listed there, as upstream's are, and a runner that knows so does not call them for each pod. Others
say nothing about most pods, or leave nothing for others to say.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from kcore.machinery.frozen import FrozenMap

F = TypeVar("F", bound=Callable[..., Any])

_MARK = "_is_quiet"
_FIELD_MARK = "_is_quiet_without"
_LAST_MARK = "_has_last_word"


def quiet(method: F) -> F:
    """Mark a method that has no effect and always returns None; an override is not marked."""
    setattr(method, _MARK, method)
    return method


def is_quiet(method: Callable[..., Any]) -> bool:
    """Whether a method, bound or not, needs not be called. A wrapper around a quiet one does."""
    function = getattr(method, "__func__", method)
    return getattr(function, _MARK, None) is function


def quiet_without(field: str) -> Callable[[F], F]:
    """Mark a method that is quiet about pods in whose spec there is no `field`.

    An override is not marked.
    """

    def mark(method: F) -> F:
        setattr(method, _FIELD_MARK, (method, field))
        return method

    return mark


def last_word(method: F) -> F:
    """Mark a Bind method that never steps aside, and blames its refusals on its own plugin.

    It neither reads nor writes what others keep in the cycle's state. An override is not marked.
    """
    setattr(method, _LAST_MARK, method)
    return method


def has_last_word(method: Callable[..., Any]) -> bool:
    """Whether nobody needs to look at what such a method answers. A wrapper around one needs it."""
    function = getattr(method, "__func__", method)
    return getattr(function, _LAST_MARK, None) is function


def may_speak(fields: tuple[str, ...] | None, spec: FrozenMap) -> bool:
    """Whether methods that are heard about these fields (`fields_heard`) must be asked. O(fields).

    The same for all pods of one kind, so for all that share their `PodFacts`.
    """
    return fields is None or any(field in spec for field in fields)


def all_fields(heard: Iterable[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    """The fields of several `fields_heard`, each once; None where one of them is."""
    found: dict[str, None] = {}
    for fields in heard:
        if fields is None:
            return None
        found.update(dict.fromkeys(fields))
    return tuple(found)


def fields_heard(plugins: Sequence[Any], name: str) -> tuple[str, ...] | None:
    """Spec fields without any of which no method of this name says anything; None: some may."""
    fields = []
    for plugin in speaking(plugins, name):
        method = getattr(plugin, name)
        function = getattr(method, "__func__", method)
        marked, field = getattr(function, _FIELD_MARK, (None, ""))
        if marked is not function:
            return None
        fields.append(field)
    return tuple(dict.fromkeys(fields))


def speaking(plugins: Sequence[Any], name: str) -> list[Any]:
    """The plugins whose method of this name may say something, in order."""
    return [plugin for plugin in plugins if not is_quiet(getattr(plugin, name))]
