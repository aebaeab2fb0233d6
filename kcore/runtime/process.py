"""What the loop runs: named step machines.

A step is one small action: deliver one event, reconcile one key, schedule one pod, sync one pod
on its node. It always runs to its end, so nothing else happens in between. Whatever a process
must remember between steps stands in its attributes, as small values or parts with a `fork` of
their own: no generator, thread or closure holds state, hence every process can be forked between
any two steps.
"""

from collections.abc import Sized
from typing import Protocol, Self, runtime_checkable

from kcore.forking import ForkMemo


class ActorCrashed(Exception):  # noqa: N818 - an event of the simulation, not an error
    """An injected crash: the actor stops here, its memory is lost, its writes so far stand."""


class Process(Protocol):
    """A named step machine."""

    @property
    def name(self) -> str:
        """Unique in its loop; appears in traces, faults and choice labels."""

    def ready(self) -> bool:
        """Whether `step` has something to do at the present time. Must be cheap: O(1)."""

    def step(self) -> str:
        """Do one action and say in a few words which, for the trace (`sync default/web`)."""

    def next_deadline_ns(self) -> int | None:
        """When this process becomes ready without any event; None when never."""

    def next_heartbeat_ns(self) -> int | None:
        """Like a deadline, for work that never ends (lease renewals, periodic checks).

        It happens on time, but a world that waits for nothing else counts as settled.
        """

    def restart(self) -> None:
        """Forget everything and start from what the API says, as after a crash."""

    def fork(self, memo: ForkMemo) -> Self:
        """The same process in a forked world; see `kcore.forking`."""


@runtime_checkable
class Sleeper(Protocol):
    """A process that can be left unasked until something is written to its topic.

    There are many informers and each waits for one resource. A loop that asked all of them every
    turn would do little else.
    """

    @property
    def topic(self) -> str:
        """What stands before the `/` of the keys whose writes wake this process."""

    def asleep(self) -> bool:
        """Whether only a write to the topic can make `ready` true. Must be cheap: O(1)."""


@runtime_checkable
class Recipient(Protocol):
    """A process to which others bring work, by putting it into containers.

    Most controllers have nothing to do most of the time, and the loop sees that for itself.
    """

    @property
    def inboxes(self) -> tuple[Sized, ...]:
        """Containers without which `ready` is False as long as all of them are empty.

        At least one, and the same ones for as long as the process lives.
        """


@runtime_checkable
class Worker(Recipient, Protocol):
    """A recipient of whom the loop sees not only that it has nothing to do, but also that it has.

    Whoever takes most of the turns need not be asked before each of them.
    """

    @property
    def backlog(self) -> tuple[Sized, Sized]:
        """What holds the process up, and what it is to do: two of its inboxes.

        `ready` is True whenever nothing lies in the first and something in the second.
        """
