"""The forgiving form of a path that `-o custom-columns` and `--sort-by` take."""

import re
from typing import Final

from kcore.machinery.jsonpath.parser import JsonPathError

_FORM: Final = re.compile(r"\{\.?([^{}]+)\}|\.?([^{}]+)")


def relaxed_template(expression: str) -> str:
    """`a.b`, `.a.b`, `{a.b}` or `{.a.b}` as the template `{.a.b}`.

    Raises:
        JsonPathError: it is none of these.
    """
    if not expression:
        return expression
    match = _FORM.fullmatch(expression)
    if match is None:
        raise JsonPathError(
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or "
            "'{name1.name2}' or '{.name1.name2}'"
        )
    return f"{{.{match[1] or match[2]}}}"
