"""One call that an actor makes again and again."""

from typing import NamedTuple

from kcore.machinery.request import Line, Request


class PreparedCall(NamedTuple):
    """One verb of one resource: a request that says who calls what, and the line for such.

    What else a client and a server do for a request (say what is called, find who answers that, ask
    whether a fault strikes) is done once: `line.answer(changed(request, name=name, body=body))`, or
    `line.fill(request, template, texts)` where bodies are made of a template.
    """

    request: Request
    line: Line
