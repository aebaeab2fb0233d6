"""A plugin's args as a dataclass of its own: unknown, missing and mistyped fields are refused.

    @dataclass(frozen=True)
    class LicenseArgs:
        label: str = "license"

    REGISTRY.with_plugin("LicensedNodes", LicensedNodes, args_type=LicenseArgs)

What the types cannot say, `__post_init__` checks: a ValueError there is the user's mistake too.
"""

from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar, get_origin, get_type_hints

from kcore.errors import ManifestError
from kcore.machinery.frozen import FrozenMap, thaw

Args = TypeVar("Args")

_META = ("apiVersion", "kind")
_WORDS = {str: "a string", int: "an integer", float: "a number", bool: "a boolean"}


def decode_args(args: FrozenMap, args_type: type[Args]) -> Args:
    """`args` as an instance of a dataclass. O(fields).

    Lists arrive as tuples, so that args can be frozen.

    Raises:
        ManifestError: what is wrong, by field.
    """
    known = {one.name: one for one in fields(args_type)}  # type: ignore[arg-type] # a dataclass
    values = {name: value for name, value in args.items() if name not in _META}
    unknown = [name for name in values if name not in known]
    if unknown:
        listed = ", ".join(f'unknown field "{name}"' for name in unknown)
        raise ManifestError(f"strict decoding error: {listed}")
    hints = get_type_hints(args_type)
    decoded = {name: _typed(name, value, hints[name]) for name, value in values.items()}
    missing = [name for name, one in known.items() if name not in values and _is_required(one)]
    if missing:
        raise ManifestError(f"{missing[0]}: Required value")
    try:
        return args_type(**decoded)
    except ValueError as error:
        raise ManifestError(str(error)) from error


def _is_required(one: "Field[Any]") -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _typed(name: str, value: Any, hint: Any) -> Any:
    expected = get_origin(hint) or hint
    value = thaw(value)
    if isinstance(value, list):
        value = tuple(value)
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    is_bool = isinstance(value, bool)
    if not isinstance(expected, type) or (
        isinstance(value, expected) and (is_bool is (expected is bool))
    ):
        return value
    wanted = _WORDS.get(expected, expected.__name__)
    raise ManifestError(f"{name}: Invalid value: {value!r}: must be {wanted}")
