"""URLs as Go's `net/url` takes them apart, with its refusals.

parse_url("https://user@host/path?q#f").host  # "host"

Only what is asked of the URLs of webhooks and services is kept.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote as escaped
from urllib.parse import unquote

from kcore.machinery.go_text import quote

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_PORT: Final = re.compile(r"(:[0-9]*)?")
_USER: Final = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}", re.S)
_NOT_OF_HOST: Final = re.compile(r"[^A-Za-z0-9\-_.~!$&'()*+,;=:\[\]<>\"%\x80-\U0010ffff]")


class UrlError(ValueError):
    """A text is no URL; the message is Go's."""


@dataclass(frozen=True, slots=True)
class Url:
    """The parts of a URL; `user` is None when there is no `@`."""

    scheme: str
    user: str | None
    host: str
    query: str
    fragment: str


def parse_url(text: str) -> Url:
    """Take a URL apart. O(length).

    Raises:
        UrlError: it is malformed.
    """
    whole, _, fragment = text.partition("#")
    try:
        return _parsed(whole, fragment)
    except UrlError as error:
        raise UrlError(f"parse {quote(whole)}: {error}") from None


def _parsed(text: str, fragment: str) -> Url:
    if _CONTROL.search(text):
        raise UrlError("net/url: invalid control character in URL")
    if text.startswith(":"):
        raise UrlError("missing protocol scheme")
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else ""
    rest, _, query = (text[found.end() :] if found else text).partition("?")
    if not rest.startswith("/"):
        if not scheme and ":" in rest.partition("/")[0]:
            raise UrlError("first path segment in URL cannot contain colon")
        if not scheme:
            _check_escapes(rest)
        return Url(scheme, None, "", query, fragment)
    user, host, path = None, "", rest
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        user, host = _authority(authority)
        path = slash + path
    _check_escapes(path)
    return Url(scheme, user, host, query, fragment)


def _authority(text: str) -> tuple[str | None, str]:
    before, sign, address = text.rpartition("@")
    host = _host(address)
    if not sign:
        return None, host
    if not _USER.fullmatch(before):
        raise UrlError("net/url: invalid userinfo")
    _check_escapes(before)
    return ":".join(escaped(unquote(part), safe="$&+,;=~") for part in before.split(":", 1)), host


def _host(text: str) -> str:
    if text.startswith("["):
        end = text.rfind("]")
        if end < 0:
            raise UrlError("missing ']' in host")
        port = text[end + 1 :]
    else:
        _, colon, number = text.rpartition(":")
        port = colon + number if colon else ""
    if not _PORT.fullmatch(port):
        raise UrlError(f"invalid port {quote(port)} after host")
    _check_escapes(text)
    wrong = _NOT_OF_HOST.search(text)
    if wrong:
        raise UrlError(f"invalid character {quote(wrong[0])} in host name")
    return text


def _check_escapes(text: str) -> None:
    wrong = _BAD_ESCAPE.search(text)
    if wrong:
        raise UrlError(f"invalid URL escape {quote(wrong[0])}")
