"""One call that an actor makes again and again."""

from typing import NamedTuple

from kcore.client.transport import Transport
from kcore.machinery.request import Line, Request


class PreparedCall(NamedTuple):
    """One verb of one resource: the request but for namespace, name and body, and the line for it.

    What else a client and a server do for a request (say what is called, find who answers that, ask
    whether a fault strikes) is done once: `line.answer(changed(request, name=name, body=body))`.
    """

    request: Request
    line: Line


def prepared(transport: Transport, request: Request) -> PreparedCall:
    """A call of what `request` calls."""
    return PreparedCall(request, transport.line(request))
