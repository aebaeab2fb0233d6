"""Some of the texts that fill a template: a part of the twin of the `frozen` kernel."""

from typing import Final

from kcore._native.reference.dns_name import is_dns_subdomain

TEXT_COUNT_MAX: Final = 64


class NamedTexts:
    """Picks texts out of many like a sample: `NamedTexts(sample, place, ...)(texts)`.

    The first of the places is that of a name.

    Raises:
        TypeError: the sample is no tuple of a few str, or there is no place.
        IndexError: the sample has no such place.
    """

    __slots__ = ("_places", "_sample")

    def __init__(self, sample: tuple[str, ...], /, *places: int) -> None:
        are_texts = type(sample) is tuple and all(type(text) is str for text in sample)
        if not are_texts or len(sample) > TEXT_COUNT_MAX:
            raise TypeError(f"a sample is a tuple of {TEXT_COUNT_MAX} str at most")
        if not places:
            raise TypeError("named texts need a sample, and the place of a name")
        if not all(0 <= place < len(sample) for place in places):
            raise IndexError("the sample has no such place")
        self._sample = sample
        self._places = places

    def __call__(self, texts: tuple[str, ...], /) -> tuple[str, ...] | None:
        """The texts at the places. O(texts).

        None unless each of them says something, the first is a DNS subdomain, and all others are
        those of the sample.

        Raises:
            TypeError: there is no tuple.
        """
        if type(texts) is not tuple:
            raise TypeError("named texts are picked out of one tuple")
        if len(texts) != len(self._sample):
            return None
        for place, (text, same) in enumerate(zip(texts, self._sample, strict=True)):
            if place not in self._places and (type(text) is not str or text != same):
                return None
        picked = tuple([texts[place] for place in self._places])
        if not all(type(text) is str and text for text in picked):
            return None
        return picked if is_dns_subdomain(picked[0]) else None
