"""Streams of pseudo-random numbers: the compiled kernel; `reference/chance.py` explains it."""

from cpython.dict cimport PyDict_GetItem
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_FindChar, PyUnicode_Substring
from libc.stdint cimport uint64_t
from libc.string cimport memcpy

from kcore._native.reference.chance import first_state

cdef object COUNT_MAX = 2**128
UUID4_COUNT = 2**122
cdef object LOW = 2**64 - 1
cdef enum:
    WORD_LENGTH_MAX = 64
    PAIR = 2

# Of each byte its two hexadecimal digits, and where the bytes of a UUID stand in its text.
cdef char[512] PAIRS
cdef int[16] PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]
for _number, _digits in enumerate(f"{number:02x}".encode() for number in range(256)):
    PAIRS[PAIR * _number], PAIRS[PAIR * _number + 1] = _digits


cdef extern from "Python.h":
    void* PyUnicode_DATA(object)
    str PyUnicode_New(Py_ssize_t, Py_UCS4)


cdef extern from *:
    """
    #include <stdint.h>
    #if defined(_MSC_VER)
    #include <intrin.h>
    static inline uint64_t high_of_product(uint64_t a, uint64_t b) { return __umulh(a, b); }
    #else
    static inline uint64_t high_of_product(uint64_t a, uint64_t b) {
        return (uint64_t)(((unsigned __int128)a * b) >> 64);
    }
    #endif
    """
    uint64_t high_of_product(uint64_t a, uint64_t b) noexcept


cdef class _Stream:
    """The state of one stream: a place in SplitMix64's sequence."""

    cdef inline uint64_t draw(self) noexcept:
        self.state += <uint64_t>0x9E3779B97F4A7C15
        cdef uint64_t mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
        mixed = (mixed ^ (mixed >> 27)) * <uint64_t>0x94D049BB133111EB
        return mixed ^ (mixed >> 31)

    cdef uint64_t below(self, uint64_t count) noexcept:
        """What `Streams.choose` makes of a draw where the count has 64 bits."""
        return high_of_product(self.draw(), count)


cdef class Streams:
    """The streams of one seed by name."""

    def __init__(self, seed):
        self.seed = seed
        self._streams = {}

    def choose(self, count, str label not None):
        """A draw from the stream that `label` names, up to its first `/`: one of `range(count)`."""
        if not 0 < count <= COUNT_MAX:
            raise ValueError(f"cannot choose one of {count}")
        cdef _Stream source = self._named(label)
        if count > LOW:
            value = source.draw()
            return ((value << 64) | source.draw()) * count >> 128
        return source.below(count)

    def uuid4(self, str label not None):
        """The text of a random UUID, made of `choose(2**122, label)`. O(1)."""
        cdef _Stream source = self._named(label)
        cdef uint64_t high = source.draw()
        # The topmost 122 bits of two draws: 60 of them stand before the variant.
        return _uuid4_of(high >> 4, (high & 15) << 58 | source.draw() >> 6)

    def word(self, str label not None, str alphabet not None, Py_ssize_t length):
        """One of all words of `length` letters, made of one draw. O(length)."""
        cdef Py_ssize_t base
        cdef uint64_t count = 1
        cdef const char* letters = _letters_of(alphabet, length, &base)
        for _ in range(length):
            if high_of_product(count, base):
                raise OverflowError("a word is made of 64 bits")
            count *= <uint64_t>base
        return _word_of(high_of_product(self._named(label).draw(), count), letters, base, length)

    cdef _Stream _named(self, str label):
        cdef void* found = PyDict_GetItem(self._streams, label)
        if found is not NULL:
            return <_Stream>found  # No stream has a slash in its name.
        cdef Py_ssize_t slash = PyUnicode_FindChar(label, ord("/"), 0, len(label), 1)
        cdef str stream = label if slash < 0 else PyUnicode_Substring(label, 0, slash)
        cdef void* known = PyDict_GetItem(self._streams, stream)
        return self._opened(stream) if known is NULL else <_Stream>known

    cdef _Stream _opened(self, str stream):
        cdef _Stream opened = _Stream()
        opened.state = first_state(self.seed, stream)
        self._streams[stream] = opened
        return opened

    def copy(self):
        """Independent streams at the same positions. O(streams)."""
        cdef Streams twin = type(self)(self.seed)
        cdef _Stream source, copied
        for name, source in self._streams.items():
            copied = _Stream()
            copied.state = source.state
            twin._streams[name] = copied
        return twin


def uuid4_text(number):
    """122 bits as the text of a random UUID (RFC 9562, version 4). O(1)."""
    if not 0 <= number < UUID4_COUNT:
        raise OverflowError("a random UUID holds 122 bits")
    return _uuid4_of(number >> 62, number & 0x3FFFFFFFFFFFFFFF)


cdef str _uuid4_of(uint64_t top, uint64_t low):
    cdef str uuid = PyUnicode_New(36, 127)
    cdef char* text = <char*>PyUnicode_DATA(uuid)
    cdef int place
    top = (top >> 12 << 16) | <uint64_t>0x4000 | (top & 0xFFF)
    low |= <uint64_t>0x8000000000000000
    for place in range(8):
        memcpy(text + PLACES[place], PAIRS + PAIR * ((top >> (56 - 8 * place)) & 255), PAIR)
        memcpy(text + PLACES[8 + place], PAIRS + PAIR * ((low >> (56 - 8 * place)) & 255), PAIR)
    for place in (8, 13, 18, 23):
        text[place] = b"-"
    return uuid


def word(number, str alphabet not None, Py_ssize_t length):
    """The number as digits of an ASCII `alphabet`, highest first; higher digits are cut off."""
    cdef Py_ssize_t base
    if not 0 <= number <= LOW:
        raise OverflowError("a word is made of 64 bits")
    cdef const char* letters = _letters_of(alphabet, length, &base)
    return _word_of(number, letters, base, length)


cdef const char* _letters_of(str alphabet, Py_ssize_t length, Py_ssize_t* base) except NULL:
    cdef const char* letters = PyUnicode_AsUTF8AndSize(alphabet, base)
    if not base[0] or base[0] != len(alphabet) or not 0 <= length <= WORD_LENGTH_MAX:
        raise ValueError(f"no words of {length} in {alphabet!r}")
    return letters


cdef str _word_of(uint64_t rest, const char* letters, Py_ssize_t base, Py_ssize_t length):
    cdef str found = PyUnicode_New(length, 127)
    cdef char* text = <char*>PyUnicode_DATA(found)
    cdef Py_ssize_t place
    for place in range(length - 1, -1, -1):
        text[place] = letters[rest % base]
        rest //= base
    return found
