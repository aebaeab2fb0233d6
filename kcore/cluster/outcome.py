"""What the verbs of a cluster answer: reports of applying and settling."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kcore.api.readiness import Unmet
from kcore.errors import KcoreError, ManifestError
from kcore.machinery.frozen import FrozenMap

ApplyAction = Literal["created", "configured", "unchanged"]


@dataclass(frozen=True, slots=True)
class Applied:
    """One object of a manifest and what became of it, in kubectl's words."""

    action: ApplyAction
    reference: str
    object: FrozenMap
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        """`deployment.apps/web created`."""
        return f"{self.reference} {self.action}"


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What was applied, in order, and what was refused."""

    applied: tuple[Applied, ...]
    errors: tuple[ManifestError, ...] = ()


class ApplyError(KcoreError):
    """At least one object was refused; `report` says what was applied nevertheless."""

    def __init__(self, report: ApplyReport) -> None:
        super().__init__("\n".join(str(error) for error in report.errors))
        self.report = report


@dataclass(frozen=True, slots=True)
class SettleResult:
    """How a run to quiescence ended.

    `quiet`: nothing is left to happen. `unmet`: what the objects ask for and do not have.
    """

    quiet: bool
    virtual_ns: int
    unmet: Sequence[Unmet]

    @property
    def settled(self) -> bool:
        """Nothing is left to happen and everything asked for is there."""
        return self.quiet and not self.unmet

    def __bool__(self) -> bool:
        """Whether the cluster has settled."""
        return self.settled
