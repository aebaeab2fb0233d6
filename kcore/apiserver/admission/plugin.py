"""What an admission plugin is told, and what it may do.

Plugins hold no state: whatever they need to know they read through `Objects` at the moment of the
write. A plugin that sees two writes decides each alone.
"""

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, Protocol

from kcore.machinery.frozen import FrozenMap
from kcore.machinery.scheme import ResourceInfo
from kcore.records import record

Operation = Literal["CREATE", "UPDATE", "DELETE", "CONNECT"]

CREATE: Final = "CREATE"
UPDATE: Final = "UPDATE"
DELETE: Final = "DELETE"


class Objects(Protocol):
    """Reads of the latest state."""

    def get(self, bucket: str, namespace: str, name: str) -> FrozenMap | None:
        """One object, or None."""

    def objects(self, bucket: str, namespace: str = "") -> Iterator[FrozenMap]:
        """Every object of a bucket, or of one namespace of it."""

    def by_index(self, bucket: str, index: str, value: str) -> Iterator[FrozenMap]:
        """Objects whose `index` has `value`."""


@record
class Attributes(NamedTuple):
    """One write on its way: what is done to which object by whom.

    `resource` is the qualified plural, such as `deployments.apps`. (A named tuple, because every
    write makes several, and a frozen dataclass takes four times as long to make.)
    """

    operation: Operation
    info: ResourceInfo
    resource: str
    subresource: str
    namespace: str
    name: str
    object: FrozenMap | None
    old_object: FrozenMap | None
    dry_run: bool
    user: str


class Plugin(Protocol):
    """Names itself and says which writes it wants to see.

    A plugin whose class says `repeatable = True` promises that what it does with a create depends
    on the object, but not its name and uid, the user, and what it reads through `Objects`; it may
    then be spared creates that are like ones it has seen.

    Of bindings it may promise more, and then it is spared those that bring nothing but a node: with
    `blind_to_bindings = True`, that it changes none, and that which ones it refuses depends on
    neither the binding nor the user; with `copied_labels`, that it refuses none, and copies the
    labels of these names from the node to the binding if there is such a node.
    """

    @property
    def name(self) -> str:
        """Upstream's name, such as `NamespaceLifecycle`."""

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """Whether this plugin looks at such writes; asked once per resource, not per write."""


class Mutator(Plugin, Protocol):
    """Changes an object before it is validated."""

    def mutate(self, attributes: Attributes, objects: Objects) -> FrozenMap:
        """The object to go on with; the same one when nothing is to change.

        Raises:
            ApiError: the write is refused.
        """


class Validator(Plugin, Protocol):
    """Looks at the final object and may refuse it."""

    def validate(self, attributes: Attributes, objects: Objects) -> None:
        """Let the write pass.

        Raises:
            ApiError: the write is refused.
        """
