"""Upstream's rules for texts: each takes a text and returns the messages of the rules it breaks.

No message means valid. A validator is total: any text gets an answer. Lengths are in bytes, as Go
counts them, though some messages say characters.
"""

import re
from typing import Final

from kcore.machinery.frozen import is_dns_subdomain

_LABEL: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN: Final = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_UNDERSCORE: Final = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SUBDOMAIN_UNDERSCORE: Final = rf"{_LABEL_UNDERSCORE}(\.{_LABEL_UNDERSCORE})*"
_LABEL_1035: Final = "[a-z]([-a-z0-9]*[a-z0-9])?"
_WILDCARD: Final = rf"\*\.{_SUBDOMAIN}"
_LABEL_KEY: Final = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE: Final = f"({_LABEL_KEY})?"
_C_IDENTIFIER: Final = "[A-Za-z_][A-Za-z0-9_]*"
_PERCENT: Final = "[0-9]+%"
_HTTP_HEADER: Final = "[-A-Za-z0-9]+"
_HTTP_PATH: Final = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_ENV_VAR: Final = "[-._a-zA-Z][-._a-zA-Z0-9]*"
_CONFIG_KEY: Final = "[-._a-zA-Z0-9]+"

LABEL_LENGTH_MAX: Final = 63
SUBDOMAIN_LENGTH_MAX: Final = 253
_PORT_NAME_LENGTH_MAX: Final = 15

_ALPHANUMERIC_ENDS: Final = "and must start and end with an alphanumeric character"
_KEY_RULE: Final = f"must consist of alphanumeric characters, '-', '_' or '.', {_ALPHANUMERIC_ENDS}"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


_LABEL_RE: Final = _compiled(_LABEL)
_SUBDOMAIN_RE: Final = _compiled(_SUBDOMAIN)
_SUBDOMAIN_CASELESS_RE: Final = re.compile(_SUBDOMAIN, re.ASCII | re.IGNORECASE)
_SUBDOMAIN_UNDERSCORE_RE: Final = _compiled(_SUBDOMAIN_UNDERSCORE)
_LABEL_1035_RE: Final = _compiled(_LABEL_1035)
_WILDCARD_RE: Final = _compiled(_WILDCARD)
_LABEL_KEY_RE: Final = _compiled(_LABEL_KEY)
_LABEL_VALUE_RE: Final = _compiled(_LABEL_VALUE)
_C_IDENTIFIER_RE: Final = _compiled(_C_IDENTIFIER)
_PERCENT_RE: Final = _compiled(_PERCENT)
_HTTP_HEADER_RE: Final = _compiled(_HTTP_HEADER)
_HTTP_PATH_RE: Final = _compiled(_HTTP_PATH)
_ENV_VAR_RE: Final = _compiled(_ENV_VAR)
_CONFIG_KEY_RE: Final = _compiled(_CONFIG_KEY)
_DECIMAL_INTEGER_RE: Final = _compiled("0|-?[1-9][0-9]*")
_PORT_NAME_RE: Final = _compiled("[-a-z0-9]+")


def length_bytes(text: str) -> int:
    """The length Go sees."""
    return len(text) if text.isascii() else len(text.encode())


def max_length_message(length_max: int, unit: str = "characters") -> str:
    """The message for a text that is too long."""
    return f"must be no more than {length_max} {unit}"


def pattern_message(message: str, pattern: str, *examples: str) -> str:
    """The message for a text that does not match."""
    if not examples:
        return f"{message} (regex used for validation is '{pattern}')"
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{message} (e.g. {shown}regex used for validation is '{pattern}')"


def inclusive_range_message(low: int, high: int) -> str:
    """The message for a number out of bounds."""
    return f"must be between {low} and {high}, inclusive"


def dns1123_label(value: str, unit: str = "characters") -> list[str]:
    """A name such as `web-1`: lower case letters, digits and dashes, at most 63 bytes."""
    errors = _too_long(value, LABEL_LENGTH_MAX, unit)
    if not _LABEL_RE.fullmatch(value):
        if _SUBDOMAIN_RE.fullmatch(value):
            errors.append("must not contain dots")
        else:
            rule = (
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or "
                f"'-', {_ALPHANUMERIC_ENDS}"
            )
            errors.append(pattern_message(rule, _LABEL, "my-name", "123-abc"))
    return errors


_SUBDOMAIN_RULE: Final = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
    f"'-' or '.', {_ALPHANUMERIC_ENDS}"
)


def dns1123_subdomain(value: str, unit: str = "characters") -> list[str]:
    """Labels joined by dots, at most 253 bytes."""
    if is_dns_subdomain(value):
        return []
    errors = _too_long(value, SUBDOMAIN_LENGTH_MAX, unit)
    if not _SUBDOMAIN_RE.fullmatch(value):
        errors.append(pattern_message(_SUBDOMAIN_RULE, _SUBDOMAIN, "example.com"))
    return errors


def dns1123_subdomain_caseless(value: str) -> list[str]:
    """A subdomain that may have capitals (driver names)."""
    errors = _too_long(value, SUBDOMAIN_LENGTH_MAX, "bytes")
    if not _SUBDOMAIN_CASELESS_RE.fullmatch(value):
        rule = (
            "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', "
            f"{_ALPHANUMERIC_ENDS}"
        )
        errors.append(pattern_message(rule, _SUBDOMAIN, "Example.com"))
    return errors


def dns1123_subdomain_with_underscore(value: str) -> list[str]:
    """A subdomain whose labels may begin with an underscore."""
    errors = _too_long(value, SUBDOMAIN_LENGTH_MAX)
    if not _SUBDOMAIN_UNDERSCORE_RE.fullmatch(value):
        rule = (
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
            f"'_', '-' or '.', {_ALPHANUMERIC_ENDS}"
        )
        errors.append(pattern_message(rule, _SUBDOMAIN_UNDERSCORE, "example.com"))
    return errors


def dns1035_label(value: str) -> list[str]:
    """A label that begins with a letter."""
    errors = _too_long(value, LABEL_LENGTH_MAX)
    if not _LABEL_1035_RE.fullmatch(value):
        rule = (
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
            "start with an alphabetic character, and end with an alphanumeric character"
        )
        errors.append(pattern_message(rule, _LABEL_1035, "my-name", "abc-123"))
    return errors


def wildcard_dns1123_subdomain(value: str) -> list[str]:
    """`*.` and a subdomain."""
    errors = _too_long(value, SUBDOMAIN_LENGTH_MAX)
    if not _WILDCARD_RE.fullmatch(value):
        rule = (
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS "
            "subdomain, which must consist of lower case alphanumeric characters, '-' or '.' "
            "and end with an alphanumeric character"
        )
        errors.append(pattern_message(rule, _WILDCARD, "*.example.com"))
    return errors


def label_key(value: str) -> list[str]:
    """An optional subdomain prefix and `/`, then a name of at most 63 bytes."""
    examples = ("MyName", "my.name", "123-abc")
    parts = value.split("/")
    if len(parts) > 2:
        rule = pattern_message(f"a valid label key {_KEY_RULE}", _LABEL_KEY, *examples)
        return [f"{rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    errors: list[str] = []
    if len(parts) == 2:
        found = dns1123_subdomain(parts[0], "bytes") if parts[0] else ["must be non-empty"]
        errors.extend(f"prefix part {message}" for message in found)
    name = parts[-1]
    if not name:
        errors.append("name part must be non-empty")
    elif length_bytes(name) > LABEL_LENGTH_MAX:
        errors.append(f"name part {max_length_message(LABEL_LENGTH_MAX, 'bytes')}")
    if not _LABEL_KEY_RE.fullmatch(name):
        errors.append(f"name part {pattern_message(_KEY_RULE, _LABEL_KEY, *examples)}")
    return errors


# Annotation keys, taint keys, finalizers and resource names follow the same rule.
qualified_name = label_key


def prefixed_label_key(value: str) -> list[str]:
    """A label key whose prefix is not optional."""
    errors = label_key(value)
    if not errors and "/" not in value:
        errors.append("must include a prefix (e.g. 'example.com/key')")
    return errors


def label_value(value: str) -> list[str]:
    """Empty, or like the name of a label key."""
    errors = _too_long(value, LABEL_LENGTH_MAX, "bytes")
    if not _LABEL_VALUE_RE.fullmatch(value):
        rule = (
            "a valid label must be an empty string or consist of alphanumeric characters, "
            f"'-', '_' or '.', {_ALPHANUMERIC_ENDS}"
        )
        errors.append(pattern_message(rule, _LABEL_VALUE, "MyValue", "my_value", "12345"))
    return errors


def c_identifier(value: str) -> list[str]:
    """A C identifier."""
    if _C_IDENTIFIER_RE.fullmatch(value):
        return []
    rule = (
        "a valid C identifier must start with alphabetic character or '_', "
        "followed by a string of alphanumeric characters or '_'"
    )
    return [pattern_message(rule, _C_IDENTIFIER, "my_name", "MY_NAME", "MyName")]


def decimal_integer(value: str) -> list[str]:
    """An integer as a person writes it: no plus, no leading zero."""
    if not value:
        return ["must be non-empty"]
    if _DECIMAL_INTEGER_RE.fullmatch(value):
        return []
    return ["must be a valid decimal integer in canonical form"]


def in_range(value: int, low: int, high: int) -> list[str]:
    """A number between two bounds, both allowed."""
    return [] if low <= value <= high else [inclusive_range_message(low, high)]


def port_number(value: int) -> list[str]:
    """A port that is not 0."""
    return in_range(value, 1, 65_535)


_ID_MAX: Final = (1 << 31) - 1


def user_id(value: int) -> list[str]:
    """A Unix user id."""
    return in_range(value, 0, _ID_MAX)


def group_id(value: int) -> list[str]:
    """A Unix group id."""
    return in_range(value, 0, _ID_MAX)


def port_name(value: str) -> list[str]:
    """An IANA service name: at most 15 of `a-z`, `0-9` and `-`, with a letter."""
    errors = _too_long(value, _PORT_NAME_LENGTH_MAX)
    if not _PORT_NAME_RE.fullmatch(value):
        errors.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", value):
        errors.append("must contain at least one letter (a-z)")
    if "--" in value:
        errors.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        errors.append("must not begin or end with a hyphen")
    return errors


def percent(value: str) -> list[str]:
    """Digits and a percent sign."""
    if _PERCENT_RE.fullmatch(value):
        return []
    rule = "a valid percent string must be a numeric string followed by an ending '%'"
    return [pattern_message(rule, _PERCENT, "1%", "93%")]


def http_header_name(value: str) -> list[str]:
    """The name of an HTTP header."""
    if _HTTP_HEADER_RE.fullmatch(value):
        return []
    rule = "a valid HTTP header must consist of alphanumeric characters or '-'"
    return [pattern_message(rule, _HTTP_HEADER, "X-Header-Name")]


def http_path(value: str) -> list[str]:
    """The path of a domain-prefixed path."""
    return [] if _HTTP_PATH_RE.fullmatch(value) else [pattern_message("Invalid path", _HTTP_PATH)]


def env_var_name(value: str) -> list[str]:
    """The strict form of a name of an environment variable."""
    errors: list[str] = []
    if not _ENV_VAR_RE.fullmatch(value):
        rule = (
            "a valid environment variable name must consist of alphabetic characters, digits, "
            "'_', '-', or '.', and must not start with a digit"
        )
        errors.append(pattern_message(rule, _ENV_VAR, "my.env-name", "MY_ENV.NAME", "MyEnvName1"))
    return errors + _climbs(value)


def relaxed_env_var_name(value: str) -> list[str]:
    """The served form of a name of an environment variable: printable ASCII without `=`."""
    if not value:
        return ["environment variable name must be non-empty"]
    if value.isascii() and value.isprintable() and "=" not in value:
        return []
    return [
        "a valid environment variable name must consist only of printable ASCII characters "
        "other than '='"
    ]


def config_map_key(value: str) -> list[str]:
    """A key of a ConfigMap or Secret."""
    errors = _too_long(value, SUBDOMAIN_LENGTH_MAX)
    if not _CONFIG_KEY_RE.fullmatch(value):
        rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
        errors.append(pattern_message(rule, _CONFIG_KEY, "key.name", "KEY_NAME", "key-name"))
    return errors + _climbs(value)


def path_segment_name(value: str) -> list[str]:
    """A name that can stand in a URL path or a store key."""
    if value in (".", ".."):
        return [f"may not be '{value}'"]
    return path_segment_prefix(value)


def path_segment_prefix(value: str) -> list[str]:
    """The beginning of such a name."""
    return [f"may not contain '{illegal}'" for illegal in ("/", "%") if illegal in value]


def _too_long(value: str, length_max: int, unit: str = "characters") -> list[str]:
    return [max_length_message(length_max, unit)] if length_bytes(value) > length_max else []


def _climbs(value: str) -> list[str]:
    if value in (".", ".."):
        return [f"must not be '{value}'"]
    return ["must not start with '..'"] if value.startswith("..") else []
