"""Problems of one object, each at a field, collected into one 422 `Invalid`.

    errors = FieldErrors()
    errors.invalid("spec.replicas", -1, "must be greater than or equal to 0")
    errors.to_api_error("Deployment", "apps", "web")

A path is text: `spec.containers[0].name`, `metadata.labels[app]`; `child`, `index` and `key` build
it. Texts and cause types are upstream's, because clients match on them. What is wrong is decided
elsewhere.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from kcore.errors import ApiError, Cause, Details
from kcore.machinery.go_text import json_text, quote, value_text

NOT_FOUND: Final = "FieldValueNotFound"
REQUIRED: Final = "FieldValueRequired"
DUPLICATE: Final = "FieldValueDuplicate"
INVALID: Final = "FieldValueInvalid"
NOT_SUPPORTED: Final = "FieldValueNotSupported"
FORBIDDEN: Final = "FieldValueForbidden"
TOO_LONG: Final = "FieldValueTooLong"
TOO_MANY: Final = "FieldValueTooMany"
TOO_FEW: Final = "FieldValueTooFew"
INTERNAL: Final = "InternalError"
TYPE_INVALID: Final = "FieldValueTypeInvalid"
TOO_SHORT: Final = "FieldValueTooShort"

_WORDS: Final = {
    NOT_FOUND: "Not found",
    REQUIRED: "Required value",
    DUPLICATE: "Duplicate value",
    INVALID: "Invalid value",
    NOT_SUPPORTED: "Unsupported value",
    FORBIDDEN: "Forbidden",
    TOO_LONG: "Too long",
    TOO_MANY: "Too many",
    TOO_FEW: "Too few",
    INTERNAL: "Internal error",
    TYPE_INVALID: "Invalid value",
    TOO_SHORT: "Too short",
}
_WITHOUT_VALUE: Final = frozenset({REQUIRED, FORBIDDEN, TOO_LONG, TOO_SHORT, INTERNAL})


@dataclass(frozen=True, slots=True)
class Rendered:
    """A value whose text in the message is already known (a typed struct's JSON, say)."""

    text: str


OMITTED: Final = Rendered("")


@dataclass(frozen=True, slots=True)
class FieldError:
    """One problem: cause type, path, offending value and upstream's detail."""

    type: str
    field: str
    value: Any = ""
    detail: str = ""

    def body(self) -> str:
        """The message without the path."""
        text = _WORDS[self.type]
        if self.type not in _WITHOUT_VALUE and self.value is not OMITTED:
            text = f"{text}: {value_form(self.value)}"
        return f"{text}: {self.detail}" if self.detail else text

    def __str__(self) -> str:
        return f"{self.field}: {self.body()}"


def value_form(value: Any) -> str:
    """How a message shows `value`: quoted text, a plain number or bool, JSON for the rest."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, Rendered):
        return value.text
    if isinstance(value, (bool, int, float)):
        return value_text(value)
    return json_text(value)


def child(path: str, *names: str) -> str:
    """The path of a field below `path`; an empty path is the root."""
    return ".".join((path, *names)) if path else ".".join(names)


def index(path: str, position: int) -> str:
    """The path of a list element."""
    return f"{path}[{position}]"


def key(path: str, name: str) -> str:
    """The path of a map entry."""
    return f"{path}[{name}]"


class FieldErrors:
    """Problems in the order they were found; those of declarations come after all others."""

    __slots__ = ("_declared", "_errors")

    def __init__(self, errors: Iterable[FieldError] = ()) -> None:
        self._errors: list[FieldError] = list(errors)
        self._declared: FieldErrors | None = None

    def __iter__(self) -> Iterator[FieldError]:
        yield from self._errors
        if self._declared is not None:
            yield from self._declared

    def __len__(self) -> int:
        return len(self._errors) + (0 if self._declared is None else len(self._declared))

    @property
    def declared(self) -> "FieldErrors":
        """Where problems go that upstream finds by the declarations of its types."""
        if self._declared is None:
            self._declared = FieldErrors()
        return self._declared

    def add(self, error: FieldError) -> None:
        """Append one problem."""
        self._errors.append(error)

    def extend(self, errors: Iterable[FieldError]) -> None:
        """Append problems found elsewhere."""
        self._errors.extend(errors)

    def required(self, path: str, detail: str = "") -> None:
        """A value must be there."""
        self.add(FieldError(REQUIRED, path, "", detail))

    def invalid(self, path: str, value: Any, detail: str) -> None:
        """The value breaks a rule."""
        self.add(FieldError(INVALID, path, value, detail))

    def invalid_each(self, path: str, value: Any, details: Iterable[str]) -> None:
        """The value breaks several rules: the messages of one validator of `formats`."""
        for detail in details:
            self.invalid(path, value, detail)

    def type_invalid(self, path: str, value: Any, detail: str) -> None:
        """The value has the wrong JSON type."""
        self.add(FieldError(TYPE_INVALID, path, value, detail))

    def not_supported(self, path: str, value: Any, supported: Iterable[str] = ()) -> None:
        """The value is none of the listed ones (in the order given)."""
        words = ", ".join(map(quote, supported))
        detail = f"supported values: {words}" if words else ""
        self.add(FieldError(NOT_SUPPORTED, path, value, detail))

    def duplicate(self, path: str, value: Any) -> None:
        """The value must be unique and is not."""
        self.add(FieldError(DUPLICATE, path, value))

    def not_found(self, path: str, value: Any) -> None:
        """The value names something that is not there."""
        self.add(FieldError(NOT_FOUND, path, value))

    def forbidden(self, path: str, detail: str) -> None:
        """The field may not be set here."""
        self.add(FieldError(FORBIDDEN, path, "", detail))

    def too_long(self, path: str, bytes_max: int) -> None:
        """The text has too many bytes; a negative bound is not named."""
        detail = _at_most("may not be more than", bytes_max, "byte", "value is too long")
        self.add(FieldError(TOO_LONG, path, "<value omitted>", detail))

    def too_long_characters(self, path: str, characters_max: int) -> None:
        """The text has too many characters."""
        detail = _at_most("may not be more than", characters_max, "character", "value is too long")
        self.add(FieldError(TOO_LONG, path, "<value omitted>", detail))

    def too_short(self, path: str, value: str, characters_min: int) -> None:
        """The text has too few characters."""
        detail = _at_most("must be at least", characters_min, "character", "value is too short")
        self.add(FieldError(TOO_SHORT, path, value, detail))

    def too_many(self, path: str, count: int, count_max: int) -> None:
        """The list has too many items; a negative count is not shown."""
        detail = _at_most("must have at most", count_max, "item", "has too many items")
        self.add(FieldError(TOO_MANY, path, count if count >= 0 else OMITTED, detail))

    def too_few(self, path: str, count: int, count_min: int) -> None:
        """The list has too few items; a negative count is not shown."""
        detail = _at_most("must have at least", count_min, "item", "has too few items")
        self.add(FieldError(TOO_FEW, path, count if count >= 0 else OMITTED, detail))

    def internal(self, path: str, detail: str) -> None:
        """Something failed that is not the user's doing."""
        self.add(FieldError(INTERNAL, path, "", detail))

    def below(self, prefix: str) -> "FieldErrors":
        """The same problems with `prefix` before every path."""
        return FieldErrors(
            replace(error, field=f"{prefix}{error.field}")
            if error.field.startswith("[")
            else replace(error, field=child(prefix, error.field))
            for error in self
        )

    def message(self) -> str:
        """All texts as one: a single one bare, several as `[a, b]`, repeats once."""
        texts = list(dict.fromkeys(map(str, self)))
        return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]" if texts else ""

    def to_api_error(self, kind: str, group: str, name: str) -> ApiError:
        """The 422 that the API server answers, with one cause per problem."""
        qualified = f"{kind}.{group}" if group else kind
        message = f"{qualified} {quote(name)} is invalid"
        if len(self):
            message = f"{message}: {self.message()}"
        causes = tuple(Cause(error.type, error.body(), error.field) for error in self)
        details = Details(name=name, group=group, kind=kind, causes=causes)
        return ApiError(422, "Invalid", message, details)


def _at_most(words: str, bound: int, noun: str, unbounded: str) -> str:
    return f"{words} {bound} {noun}{'' if bound == 1 else 's'}" if bound >= 0 else unbounded
