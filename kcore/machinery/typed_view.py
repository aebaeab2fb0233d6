"""A class whose instances stand for API objects, said without pydantic.

A typed view says its kind and converts itself (`TypedView`); classes of other packages, such as
`kubernetes.client.V1Pod`, are read by `foreign_objects`. The client takes both.
"""

from typing import Any, Protocol, Self, TypeVar

from kcore.machinery.frozen import FrozenMap
from kcore.machinery.resource import GroupVersionKind


class TypedView(Protocol):
    """An API object with typed fields: `kcore.machinery.model.KindModel`, or a user's own."""

    @classmethod
    def gvk(cls) -> GroupVersionKind:
        """Group, version and kind of the class."""

    @classmethod
    def from_frozen(cls, value: FrozenMap) -> Self:
        """The view of a value."""

    def to_frozen(self) -> FrozenMap:
        """The value of the view."""


class ForeignObject(Protocol):
    """An API object of another package, as far as type checkers can tell."""

    def to_dict(self) -> dict[str, Any]:
        """Plain data; its names are the package's own business."""


ViewT = TypeVar("ViewT", bound=TypedView | ForeignObject)
"""The class that a caller asks for."""
