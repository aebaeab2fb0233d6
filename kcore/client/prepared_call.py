"""One call that an actor makes again and again."""

from kcore.client.transport import Transport
from kcore.machinery.request import Request, Response


class PreparedCall:
    """One verb of one resource, whose requests differ in namespace, name and body alone.

    Whoever makes such a request takes `request`, and changes these. What else a client and a server
    do for a request (say what is called, find who answers that) is done once.
    """

    __slots__ = ("_faults", "_line", "_transport", "request")

    def __init__(self, transport: Transport, request: Request) -> None:
        self.request = request
        self._transport = transport
        self._faults = transport.faults
        self._line = transport.line(request)

    def send(self, request: Request) -> Response:
        """Deliver one such request.

        Raises:
            ApiError: the server, or a fault in its place, refused.
            LostResponseError: a fault dropped the answer.
            ActorCrashed: a fault ends the calling process here.
        """
        answer = self._line.answer
        if answer is None or self._faults.strike_calls:
            return self._transport.send(request)
        return answer(request)
