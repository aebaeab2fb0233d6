"""What the kernel of turns sees of streams of numbers."""

from libc.stdint cimport uint64_t


cdef class _Stream:
    cdef uint64_t state

    cdef uint64_t draw(self) noexcept
    cdef uint64_t below(self, uint64_t count) noexcept


cdef class Streams:
    cdef readonly object seed
    cdef dict _streams

    cdef _Stream _named(self, str label)
    cdef _Stream _opened(self, str stream)
