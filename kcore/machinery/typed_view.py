"""What the client needs of a typed view, said without pydantic."""

from typing import Protocol, Self, TypeVar

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


ViewT = TypeVar("ViewT", bound=TypedView)
