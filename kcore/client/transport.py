"""How a request reaches an API server, and where faults strike it."""

from typing import Protocol, Self

from kcore.forking import ForkMemo
from kcore.machinery.request import Line, Request, Response
from kcore.runtime.faults import Effect, Faults


class Handler(Protocol):
    """The server's side: `kcore.apiserver.APIServer` in process."""

    def handle(self, request: Request) -> Response:
        """Answer one request."""

    def shorten(self, line: Line, request: Request) -> None:
        """Shorten a line whenever it is known who answers requests that call the same."""

    def fork(self, memo: ForkMemo) -> Self:
        """The handler of a forked world."""


class Transport(Protocol):
    """The client's side."""

    def send(self, request: Request) -> Response:
        """Deliver `request` for its user and return the answer.

        Raises:
            ApiError: the server refused.
        """

    def line(self, request: Request) -> Line:
        """The way for requests that call what this one calls."""

    @property
    def faults(self) -> Faults:
        """What strikes calls and holds watches back on this way."""

    def fork(self, memo: ForkMemo) -> Self:
        """The same way to the forked server."""


class InProcessTransport:
    """A function call, with the world's faults on the way."""

    __slots__ = ("_faults", "_handler", "_lines")

    def __init__(self, handler: Handler, faults: Faults) -> None:
        self._handler = handler
        self._faults = faults
        self._lines: dict[tuple[str, ...], Line] = {}

    def send(self, request: Request) -> Response:
        """Call the server.

        Raises:
            ApiError: the server, or a fault in its place, refused.
            LostResponseError: a fault dropped the answer.
            ActorCrashed: a fault ends the calling process here.
        """
        if not self._faults.strike_calls:
            return self._handler.handle(request)
        call = f"{request.user}/{request.verb}/{_qualified(request)}"
        faults = self._faults.hits(call)
        for fault in faults:
            if fault.effect is Effect.REFUSE:
                fault.raise_for(call)
        response = self._handler.handle(request)
        for fault in faults:
            fault.raise_for(call)
        return response

    def line(self, request: Request) -> Line:
        """One for all who call this; past this transport while there are no faults. O(1)."""
        called = (request.verb, request.group, request.version, _qualified(request))
        line = self._lines.get(called)
        if line is None:
            line = self._lines[called] = Line(self.send)
            self._handler.shorten(line, request)
            self._faults.before_first(line.keep_long)
        return line

    @property
    def faults(self) -> Faults:
        """The world's faults."""
        return self._faults

    def fork(self, memo: ForkMemo) -> Self:
        """The same way to the forked server, with the forked faults."""
        return type(self)(memo(self._handler), memo(self._faults))


def _qualified(request: Request) -> str:
    resource = f"{request.resource}.{request.group}" if request.group else request.resource
    return f"{resource}/{request.subresource}" if request.subresource else resource
