r"""Regular expressions as Go reads them, in Python's spelling.

`$` and `\z` are the very end, `\d`, `\w` and `\s` are ASCII's, brackets may hold POSIX classes.
What Python cannot say (classes of Unicode, `\p{L}`) is no pattern here.
"""

import re
from typing import Final

Pattern = re.Pattern[str]

_POSIX: Final = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7F",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_TOKEN: Final = re.compile(r"\\.|\[:(\w+):\]|.", re.DOTALL)
_MANY_LINES: Final = re.compile(r"\(\?[a-zA-Z]*m")


def compile_go_pattern(pattern: str) -> Pattern | None:
    """The pattern, or None for none and for one that Python cannot read."""
    if not pattern:
        return None
    try:
        return re.compile(_in_python(pattern), re.ASCII)
    except (re.error, KeyError):
        return None


def _in_python(pattern: str) -> str:
    end = "$" if _MANY_LINES.search(pattern) else r"\Z"
    parts: list[str] = []
    bracket_start = -1  # where the open bracket stands among the parts
    for token in _TOKEN.finditer(pattern):
        text = token[0]
        if bracket_start < 0:
            if text == "[":
                bracket_start = len(parts)
            elif text == "$":
                text = end
            elif text == r"\z":
                text = r"\Z"
        elif token[1]:
            text = _POSIX[token[1]]
        elif text == "[":
            text = r"\["  # Python warns of brackets in brackets
        elif text == "]" and not _is_first(parts, bracket_start):
            bracket_start = -1
        parts.append(text)
    return "".join(parts)


def _is_first(parts: list[str], bracket_start: int) -> bool:
    """Whether a closing bracket here would be the first character of its class."""
    return "".join(parts[bracket_start:]) in ("[", "[^")
