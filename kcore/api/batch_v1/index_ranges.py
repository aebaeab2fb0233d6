"""Texts of completed or failed indexes, such as `1,3-5`: how many there are, and what is wrong."""

from typing import Final

from kcore.machinery.go_text import parse_int64, quote

_PARTS: Final = (
    "the fragment {} violates the requirement that an index interval can have at most two parts "
    "separated by '-'"
)


class IndexRangesError(ValueError):
    """A text that is no list of growing intervals, in upstream's words."""


def count_indexes(text: str, completions: int) -> int:
    """How many indexes `text` names. O(size).

    Raises:
        IndexRangesError: not numbers below `completions` in growing order.
    """
    return sum(last - first + 1 for first, last in index_ranges(text, completions))


def index_ranges(text: str, completions: int) -> list[tuple[int, int]]:
    """The intervals that `text` names, both ends included.

    Raises:
        IndexRangesError: as `count_indexes`.
    """
    ranges: list[tuple[int, int]] = []
    for fragment in text.split(",") if text else ():
        first, last = _range(fragment, completions)
        if ranges and ranges[-1][1] >= first:
            raise _not_growing(ranges[-1][1], first)
        ranges.append((first, last))
    return ranges


def _range(fragment: str, completions: int) -> tuple[int, int]:
    parts = fragment.split("-")
    if len(parts) > 2:
        raise IndexRangesError(_PARTS.format(quote(fragment)))
    first = _index(parts[0], completions)
    if len(parts) == 1:
        return first, first
    last = _index(parts[1], completions)
    if first >= last:
        raise _not_growing(first, last)
    return first, last


def _index(text: str, completions: int) -> int:
    number = parse_int64(text)
    if number is None:
        raise IndexRangesError(f"cannot convert string to integer for index: {quote(text)}")
    if number >= completions:
        raise IndexRangesError(f"too large index: {quote(text)}")
    return number


def _not_growing(previous: int, current: int) -> IndexRangesError:
    return IndexRangesError(f"non-increasing order, previous: {previous}, current: {current}")
