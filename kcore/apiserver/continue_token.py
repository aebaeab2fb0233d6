"""Continue tokens: where a list goes on, and at which revision.

The same text as upstream's: base64url without padding of the JSON object with `v`, the format's
version, `rv`, the revision, and `start`, the key to go on at, relative to the listed namespace. A
revision of -1 means "now": the offer of an inconsistent continuation.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from kcore.errors import ApiError, bad_request
from kcore.machinery.frozen import FrozenMap, JSONError, dumps, freeze, loads

_VERSION: Final = "meta.k8s.io/v1"


@dataclass(frozen=True, slots=True)
class ContinueToken:
    """Go on at `start` (relative to the list's prefix) as of `revision`.

    `remaining_count` spares the next page counting what is left; upstream's tokens lack it, so it
    may be None.
    """

    revision: int
    start: str
    remaining_count: int | None = None

    def encode(self) -> str:
        """The token's text."""
        fields: dict[str, object] = {"v": _VERSION, "rv": self.revision, "start": self.start}
        if self.remaining_count is not None:
            fields["left"] = self.remaining_count
        content = dumps(freeze(fields))
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode_token(text: str) -> ContinueToken:
    """Read a token.

    Raises:
        ApiError: 400 with upstream's words.
    """
    for position, character in enumerate(text):
        if not (character.isascii() and (character.isalnum() or character in "-_")):
            raise _invalid(f"illegal base64 data at input byte {position}")
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise _invalid(str(error)) from None
    try:
        token = loads(content)
    except JSONError as error:
        raise _invalid(_json_complaint(content, error)) from None
    if not isinstance(token, FrozenMap) or token.get("v") != _VERSION:
        raise _invalid(f'server does not recognize this encoded version "{_version(token)}"')
    revision, start = token.get("rv"), token.get("start")
    if not isinstance(revision, int) or revision == 0:
        raise _invalid("incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
    if not isinstance(start, str) or not start:
        raise _invalid("encoded start key empty (version meta.k8s.io/v1)")
    if start.startswith(("/", "../")) or "/../" in start:
        raise _invalid(start)
    remaining = token.get("left")
    return ContinueToken(revision, start, remaining if isinstance(remaining, int) else None)


def _json_complaint(content: bytes, error: JSONError) -> str:
    """What Go's JSON reader says when not even the first character fits."""
    first = content.lstrip()[:1].decode("latin-1")
    if not first:
        return "unexpected end of JSON input"
    if first in '{["-0123456789tfn':
        return str(error)
    shown = first if first.isprintable() and first.isascii() else f"\\u{ord(first):04x}"
    return f"invalid character '{shown}' looking for beginning of value"


def _version(token: object) -> str:
    return str(token.get("v") or "") if isinstance(token, FrozenMap) else ""


def _invalid(why: str) -> ApiError:
    return bad_request(f"invalid continue token: continue key is not valid: {why}")
