"""What a plugin answers: a refusal is a value, not an exception.

`None` stands for success wherever a `Status | None` is returned, because success is the common
answer and carries nothing.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Code(Enum):
    """Upstream's status codes, by their names in messages and vectors."""

    SUCCESS = "Success"
    ERROR = "Error"
    """Something unexpected: the attempt ends, the pod backs off."""
    UNSCHEDULABLE = "Unschedulable"
    """Not now; evicting pods might help, so preemption looks at the node."""
    UNRESOLVABLE = "UnschedulableAndUnresolvable"
    """Not now, and evicting pods would not help."""
    WAIT = "Wait"
    """Permit only: hold the pod until somebody allows it."""
    SKIP = "Skip"
    """The plugin has nothing to say about this pod; its later phases are left out."""
    PENDING = "Pending"
    """Unschedulable until an outside action happens; backoff does not apply."""


_REJECTIONS: Final = (Code.UNSCHEDULABLE, Code.UNRESOLVABLE, Code.PENDING)


@dataclass(frozen=True, slots=True)
class Status:
    """A code, upstream's reasons, and the plugin to blame (empty when nobody in particular)."""

    code: Code
    reasons: tuple[str, ...] = ()
    plugin: str = ""

    @property
    def is_rejection(self) -> bool:
        """Whether this says that the pod does not fit, as opposed to success, skip or failure."""
        return self.code in _REJECTIONS

    @property
    def is_skip(self) -> bool:
        """Whether the plugin stepped aside."""
        return self.code is Code.SKIP

    @property
    def message(self) -> str:
        """The reasons in one line."""
        return ", ".join(self.reasons)

    def blame(self, plugin: str) -> "Status":
        """The same status, blamed on `plugin` unless somebody is blamed already."""
        return self if self.plugin else Status(self.code, self.reasons, plugin)

    def to_dict(self) -> dict[str, object]:
        """The status as plain data, absent parts left out."""
        data: dict[str, object] = {"code": self.code.value}
        if self.reasons:
            data["reasons"] = list(self.reasons)
        if self.plugin:
            data["plugin"] = self.plugin
        return data


SKIP: Final = Status(Code.SKIP)


def unschedulable(*reasons: str) -> Status:
    """A refusal that evicting pods might lift."""
    return Status(Code.UNSCHEDULABLE, reasons)


def unresolvable(*reasons: str) -> Status:
    """A refusal that evicting pods cannot lift."""
    return Status(Code.UNRESOLVABLE, reasons)


def failed(*reasons: str) -> Status:
    """Neither yes nor no: the plugin could not decide."""
    return Status(Code.ERROR, reasons)


def waiting(*reasons: str) -> Status:
    """Permit's way of holding a pod: neither refused nor let go."""
    return Status(Code.WAIT, reasons)
