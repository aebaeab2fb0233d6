"""Container image references: which tag they name, and so how often they are pulled."""

import re
from functools import lru_cache
from typing import Final

_TAG: Final = re.compile(r":([\w][\w.-]{0,127})$", re.ASCII)
_DOMAIN_PART: Final = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN: Final = rf"(?:{_DOMAIN_PART}(?:\.{_DOMAIN_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_PATH_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE: Final = re.compile(
    rf"(?:{_DOMAIN}/)?{_PATH_PART}(?:/{_PATH_PART})*"
    r"(?P<tag>:[\w][\w.-]{0,127})?"
    r"(?P<digest>@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?",
    re.ASCII,
)


@lru_cache(maxsize=4096)
def default_pull_policy(image: str) -> str:
    """`Always` for `latest` (said or meant), else `IfNotPresent`.

    A reference that cannot be parsed has no tag, so upstream pulls it if it is not present.
    """
    found = _REFERENCE.fullmatch(image)
    if found is None:
        return "IfNotPresent"
    tag, digest = found["tag"], found["digest"]
    return "Always" if tag == ":latest" or (tag is None and digest is None) else "IfNotPresent"
