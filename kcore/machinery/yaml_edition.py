r"""Where libyaml reads more than Go's older parser: those texts are refused as Go refuses them.

`refuse_newer` looks at the first document only, and only at texts that hold one of the few signs: a
`%YAML 1.2` directive, the escape `\/`, a question mark inside a plain scalar in brackets.
"""

import re
from typing import Any, Final

import yaml

from kcore.machinery.yaml_nodes import YamlError

_CParser: Final = yaml.CSafeLoader.__mro__[1]
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_VERSION: Final = (1, 1)


def refuse_newer(text: str) -> None:
    """Raise what Go raises for the first newer construct of the first document. O(size).

    Raises:
        YamlError: there is one.
    """
    in_brackets = "?" in text and ("[" in text or "{" in text)
    if not in_brackets and "%YAML" not in text and "\\/" not in text:
        return
    try:
        _look_through(_CParser(text), text)
    except (yaml.YAMLError, UnicodeEncodeError):
        return  # Malformed in both: the composer says how.


def _look_through(parser: Any, text: str) -> None:
    brackets: list[tuple[str, Any]] = []
    while parser.check_event():
        event: Any = parser.get_event()
        if isinstance(event, yaml.DocumentStartEvent):
            if event.version is not None and tuple(event.version) != _VERSION:
                raise _refusal("found incompatible YAML document", _line(event))
        elif isinstance(event, yaml.DocumentEndEvent):
            return
        elif isinstance(event, yaml.ScalarEvent):
            _check_scalar(event, brackets, text)
        elif isinstance(event, yaml.CollectionStartEvent):
            close = "]" if isinstance(event, yaml.SequenceStartEvent) else "}"
            brackets.append((close if event.flow_style else "", event.start_mark))
        elif isinstance(event, yaml.CollectionEndEvent):
            brackets.pop()


def _check_scalar(event: Any, brackets: list[tuple[str, Any]], text: str) -> None:
    if event.style == '"':
        source = text[event.start_mark.index : event.end_mark.index]
        slash = next((m.start() for m in _ESCAPE.finditer(source) if m[1] == "/"), None)
        if slash is not None:
            line = event.start_mark.line + source.count("\n", 0, slash)
            raise _refusal("found unknown escape character", line, is_scanner=True)
    elif not event.style and brackets and brackets[-1][0] and "?" in event.value[1:]:
        close, opened = brackets[-1]
        # Go names the line of the bracket where its own line is the first.
        line = event.start_mark.line or opened.line
        raise _refusal(f"did not find expected ',' or '{close}'", line)


def _line(event: Any) -> int:
    return int(event.start_mark.line)


def _refusal(problem: str, line: int, *, is_scanner: bool = False) -> YamlError:
    """`line` counts from 0, as Go's messages do; only its scanner counts from 1."""
    shown = line + is_scanner if line else 0
    where = f"line {shown}: " if shown else ""
    return YamlError(problem, line + 1, f"yaml: {where}{problem}")
