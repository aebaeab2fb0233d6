"""A user's Python functions in place of webhooks.

A mutating function gets the attributes of a write and returns the object to go on with (None: leave
it); a validating one returns a reason to refuse, or None. Functions are shared by forks, so they
must not keep state between calls.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kcore.apiserver.admission.plugin import Attributes, Objects
from kcore.errors import forbidden
from kcore.machinery.frozen import FrozenMap, freeze

MutateFunction = Callable[[Attributes], FrozenMap | None]
ValidateFunction = Callable[[Attributes], str | None]


@dataclass(frozen=True, slots=True)
class Callback:
    """One hook: which writes it sees, and what it does with them.

    `resources` are qualified plurals (`deployments.apps`); empty means all. Subresources are seen
    when `subresources` names them (`""` is the resource itself).
    """

    name: str
    mutating: MutateFunction | None = None
    validating: ValidateFunction | None = None
    resources: tuple[str, ...] = ()
    operations: tuple[str, ...] = ("CREATE", "UPDATE")
    subresources: tuple[str, ...] = ("",)

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """What the hook was declared for."""
        wanted = not self.resources or resource in self.resources
        return wanted and operation in self.operations and subresource in self.subresources

    def mutate(self, attributes: Attributes, objects: Objects) -> FrozenMap:
        """The object as the function returns it."""
        changed = None if self.mutating is None else self.mutating(attributes)
        return attributes.object if changed is None else freeze(changed)  # type: ignore[return-value]

    def validate(self, attributes: Attributes, objects: Objects) -> None:
        """Refuse where the function gives a reason.

        Raises:
            ApiError: 403 in the words of a webhook's refusal.
        """
        why = None if self.validating is None else self.validating(attributes)
        if why is not None:
            info = attributes.info
            words = f'admission webhook "{self.name}" denied the request: {why}'
            raise forbidden(info.resource, attributes.name, words, info.gvk.group)
