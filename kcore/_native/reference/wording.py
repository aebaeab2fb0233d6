"""The texts of what one template makes: a part of the twin of the `frozen` kernel."""

from typing import Any

from kcore._native.reference.frozen_patch import Template
from kcore._native.reference.frozen_tree import dumps


class Wording:
    """`Wording(template)(part, ...)` is `dumps(template(part, ...))`.

    The compiled kernel writes what such texts share only once.

    Raises:
        TypeError: there is no template.
    """

    __slots__ = ("_template",)

    def __init__(self, template: Template, /) -> None:
        if not isinstance(template, Template):
            raise TypeError(f"a wording is of a template, not of a {type(template).__name__}")
        self._template = template

    def __call__(self, *parts: Any) -> bytes:
        """The text of the copy with these parts; raises like the template. O(length)."""
        return dumps(self._template(*parts))
