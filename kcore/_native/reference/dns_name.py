"""Names of the domain name system: a part of the twin of the `frozen` kernel."""

import re
from typing import Final

# RFC 1123's labels joined by dots, found without going back, in a third of the time.
_SUBDOMAIN: Final = re.compile(r"(?!.{254})[a-z0-9]++(?:(?:-++|\.)[a-z0-9]++)*+")


def is_dns_subdomain(text: str, /) -> bool:
    """Whether a text is labels joined by dots, 253 characters at most, in lower case.

    Labels are made of letters and digits, and of dashes between them. O(length).
    """
    return _SUBDOMAIN.fullmatch(text) is not None
