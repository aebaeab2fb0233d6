"""Names: the rules by which kinds accept them, made-up ones, and hashes that may stand in them.

A name rule is a function `(name, is_prefix) -> messages`; `is_prefix` is set for a generateName,
which gets a suffix later and so may end in a dash.
"""

from collections.abc import Callable
from typing import Final

from kcore.machinery.formats import (
    dns1035_label,
    dns1123_label,
    dns1123_subdomain,
    path_segment_name,
    path_segment_prefix,
)

# No vowels and no digits that look like letters: no accidental words.
SAFE_CHARACTERS: Final = "bcdfghjklmnpqrstvwxz2456789"
RANDOM_SUFFIX_LENGTH: Final = 5
_NAME_LENGTH_MAX: Final = 63

NameRule = Callable[[str, bool], list[str]]


def generate_name(prefix: str, suffix: str) -> str:
    """The name made of a generateName and a suffix of `RANDOM_SUFFIX_LENGTH` safe characters.

    The prefix is cut to leave room. A cut inside a character leaves U+FFFD, which no rule accepts.
    """
    room = _NAME_LENGTH_MAX - RANDOM_SUFFIX_LENGTH
    if prefix.isascii():
        return prefix[:room] + suffix
    return prefix.encode()[:room].decode(errors="replace") + suffix


def safe_encode(text: str) -> str:
    """`text` in safe characters, one for each; a longer character leaves NULs at the end."""
    encoded = "".join(SAFE_CHARACTERS[ord(one) % len(SAFE_CHARACTERS)] for one in text)
    return encoded.ljust(len(text.encode()), "\0")


def _masked(name: str, is_prefix: bool) -> str:
    """A prefix without its last dash, which the suffix will hide."""
    return f"{name[:-2]}a" if is_prefix and len(name) > 1 and name.endswith("-") else name


def subdomain_name(name: str, is_prefix: bool = False) -> list[str]:
    """Most kinds: a DNS subdomain."""
    return dns1123_subdomain(_masked(name, is_prefix))


def label_name(name: str, is_prefix: bool = False) -> list[str]:
    """Namespaces and what becomes part of a host name: a DNS label."""
    return dns1123_label(_masked(name, is_prefix))


def label_1035_name(name: str, is_prefix: bool = False) -> list[str]:
    """Services before v1.34: a label that begins with a letter."""
    return dns1035_label(_masked(name, is_prefix))


def path_segment(name: str, is_prefix: bool = False) -> list[str]:
    """Roles and other kinds that take any name which fits into a URL."""
    return path_segment_prefix(name) if is_prefix else path_segment_name(name)
