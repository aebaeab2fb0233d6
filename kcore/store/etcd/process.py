"""An etcd server that takes part in a loop, so that its leases end without anybody asking."""

from typing import TYPE_CHECKING, Self

from kcore.forking import ForkMemo
from kcore.runtime.clock import VirtualClock
from kcore.store.etcd.server import EtcdServer

if TYPE_CHECKING:
    from kcore.runtime.process import Process


class EtcdProcess:
    """One server as a step machine: a step ends one lease, or tells quiet watches their progress.

    Waiting for a lease to end keeps a world from settling; periodic progress does not.
    """

    __slots__ = ("_clock", "_name", "server")

    def __init__(self, server: EtcdServer, clock: VirtualClock, name: str = "etcd") -> None:
        self.server = server
        self._clock = clock
        self._name = name

    @property
    def name(self) -> str:
        """Unique in its loop."""
        return self._name

    def ready(self) -> bool:
        """Whether something is due. O(streams)."""
        due_ns = self.server.next_due_ns()
        return due_ns is not None and due_ns <= self._clock.now_ns()

    def step(self) -> str:
        """Do the first thing that is due."""
        return self.server.run_next_due()

    def next_deadline_ns(self) -> int | None:
        """When the next lease ends."""
        return self.server.next_expiry_ns()

    def next_heartbeat_ns(self) -> int | None:
        """When progress is due."""
        return self.server.next_progress_ns()

    def restart(self) -> None:
        """What is stored is durable; watches end, and leases begin their time anew."""
        self.server.restart()

    def fork(self, memo: ForkMemo) -> Self:
        """The same process around the forked server."""
        return type(self)(memo(self.server), memo(self._clock), self._name)


if TYPE_CHECKING:

    def _is_a_process(process: EtcdProcess) -> Process:
        return process
