"""The way of the person at the keyboard: each write is an action of the trace."""

from typing import Self

from kcore.client.transport import Transport
from kcore.forking import ForkMemo
from kcore.machinery.request import Line, Request, Response
from kcore.runtime.clock import VirtualClock
from kcore.runtime.faults import Faults
from kcore.runtime.trace import Trace

_READS = ("get", "list", "watch")


class UserTransport:
    """Passes requests on and closes one trace action per write."""

    __slots__ = ("_clock", "_inner", "_trace")

    def __init__(self, inner: Transport, clock: VirtualClock, trace: Trace) -> None:
        self._inner = inner
        self._clock = clock
        self._trace = trace

    def send(self, request: Request) -> Response:
        """Deliver one request.

        Raises:
            ApiError: the server refused.
        """
        response = self._inner.send(request)
        if request.verb not in _READS:
            subject = "/".join(filter(None, (request.resource, request.namespace, request.name)))
            self._trace.action(self._clock.now_ns(), request.user, f"{request.verb} {subject}")
        return response

    def line(self, request: Request) -> Line:
        """A line that stays long: there is no way past the trace."""
        return Line(self.send)

    @property
    def faults(self) -> Faults:
        """Those of the way inside."""
        return self._inner.faults

    def fork(self, memo: ForkMemo) -> Self:
        """The same person in a forked world."""
        return type(self)(memo(self._inner), memo(self._clock), memo(self._trace))
