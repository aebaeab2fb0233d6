"""A request's body as text: the value it stands for, with upstream's refusals.

In process, bodies are values and `decoding` is enough; a body that came as text knows the order of
its members, which of them repeat, and how its numbers were written. Built-in kinds only: custom
ones have no Go types to decode along.
"""

from typing import Final

from kcore.apiserver.endpoint import Endpoint
from kcore.errors import ApiError, bad_request
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.object_text import ObjectTextError, read_object

_SHOWN_BYTES: Final = 30


def read_body(
    text: str, endpoint: Endpoint, *, is_yaml: bool = False
) -> tuple[FrozenMap, tuple[str, ...]]:
    """The `body` and `body_problems` of a request whose body came as text. O(size).

    Raises:
        ApiError: 400, the text is no object of a known kind.
    """
    try:
        found = read_object(text, is_yaml=is_yaml, default=endpoint.info.gvk)
    except ObjectTextError as error:
        raise refused(error, text, endpoint.kind) from None
    body = found.sent.set("apiVersion", found.gvk.api_version).set("kind", found.gvk.kind)
    return body, found.problems


def refused(error: ObjectTextError, text: str, kind: str) -> ApiError:
    """The 400 of a text that could not be decoded as a `kind`."""
    gvk = error.gvk
    if gvk is None or not gvk.kind:
        return bad_request(
            f"the object provided is unrecognized (must be of type {kind}): {error.message} "
            f"({_summary(text)})"
        )
    return bad_request(
        f'{gvk.kind} in version "{gvk.version}" cannot be handled as a {kind}: {error.message}'
    )


def _summary(text: str) -> str:
    """How upstream quotes a body that it does not understand."""
    data = text.encode()
    if not data:
        return "<empty>"
    more = " ..." if len(data) > _SHOWN_BYTES else ""
    head = data[:_SHOWN_BYTES]
    shown = head.decode("utf-8", "replace") if data.startswith(b"{") else head.hex()
    return f"{shown}{more}"
