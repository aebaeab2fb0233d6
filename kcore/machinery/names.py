"""Names: the rules by which kinds accept them, made-up and derived ones, safe spellings of hashes.

A name rule is a function `(name, is_prefix) -> messages`; `is_prefix` is set for a generateName,
which gets a suffix later and so may end in a dash.
"""

import re
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
    return dns1123_subdomain(_masked(name, True) if is_prefix else name)


def label_name(name: str, is_prefix: bool = False) -> list[str]:
    """Namespaces and what becomes part of a host name: a DNS label."""
    return dns1123_label(_masked(name, is_prefix))


def label_1035_name(name: str, is_prefix: bool = False) -> list[str]:
    """Services before v1.34: a label that begins with a letter."""
    return dns1035_label(_masked(name, is_prefix))


def path_segment(name: str, is_prefix: bool = False) -> list[str]:
    """Roles and other kinds that take any name which fits into a URL."""
    return path_segment_prefix(name) if is_prefix else path_segment_name(name)


_ORDINAL: Final = re.compile(r"(.*)-([0-9]+)", re.ASCII)
_ORDINAL_MAX: Final = (1 << 31) - 1


def ordinal_name(parent: str, ordinal: int) -> str:
    """The pod `web-0` of a StatefulSet, or anything else that is numbered."""
    return f"{parent}-{ordinal}"


def claim_name(template: str, stateful_set: str, ordinal: int) -> str:
    """The claim `data-web-0` that a StatefulSet makes for one of its pods."""
    return f"{template}-{stateful_set}-{ordinal}"


def parent_and_ordinal(name: str) -> tuple[str, int]:
    """What `ordinal_name` was made of; an ordinal of -1 where there is none, or a huge one."""
    match = _ORDINAL.fullmatch(name)
    if match is None:
        return "", -1
    digits = match[2].lstrip("0") or "0"
    is_small = len(digits) <= len(str(_ORDINAL_MAX)) and int(digits) <= _ORDINAL_MAX
    return match[1], int(digits) if is_small else -1


def indexed_pod_prefix(job: str, index: int) -> str:
    """The generateName of a pod of an indexed Job: the index is never cut off."""
    suffix = f"-{index}-"
    room = _NAME_LENGTH_MAX - RANDOM_SUFFIX_LENGTH - len(suffix)
    return f"{job[:room]}{suffix}"


def service_prefix(service: str) -> str:
    """The generateName of what belongs to a service (EndpointSlices): with a dash if it may."""
    prefix = f"{service}-"
    return service if subdomain_name(prefix, True) else prefix
