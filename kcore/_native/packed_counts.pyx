"""Counts per row, their sums by id, and what moves them: the compiled kernel.

`reference/packed_counts.py` explains it.
"""

from libc.stdint cimport int32_t, int64_t

import numpy


cdef class IdSums:
    """A count per id: what the rows with that id have together."""

    cdef readonly object places, counts
    cdef readonly bint is_stale
    cdef const int32_t[::1] _places
    cdef int64_t[::1] _counts

    def __cinit__(self):
        self.show(numpy.zeros(0, dtype=numpy.int32), numpy.zeros(0, dtype=numpy.int64))
        self.is_stale = True

    def show(self, places, counts):
        """Keep these sums; `places` says in which one a row counts, and is negative for none."""
        cdef const int32_t[::1] new_places = places
        cdef int64_t[::1] new_counts = counts
        self._places, self._counts = new_places, new_counts
        self.places, self.counts = places, counts
        self.is_stale = False

    def spoil(self):
        """What was added up does not hold any more."""
        self.is_stale = True

    cdef int _add(self, Py_ssize_t row, int64_t amount) except -1:
        cdef Py_ssize_t place
        if self.is_stale:
            return 0
        if row >= self._places.shape[0]:
            raise IndexError(f"no row {row}")
        place = self._places[row]
        if place >= self._counts.shape[0]:
            raise IndexError(f"no id {place}")
        if place >= 0:
            self._counts[place] += amount
        return 0


cdef class RowCounts:
    """A count per row, and all sums of it."""

    cdef object _array
    cdef int64_t[::1] _per_row
    cdef list _sums

    def __init__(self, per_row):
        self.per_row = per_row
        self._sums = []

    @property
    def per_row(self):
        """The counts; whoever writes here must spoil the sums."""
        return self._array

    @per_row.setter
    def per_row(self, per_row):
        self._per_row = per_row
        self._array = per_row

    def keep(self, IdSums sums not None):
        """Let these sums move with the counts from now on."""
        self._sums.append(sums)

    def add(self, Py_ssize_t row, int64_t amount):
        """Count so many more on a row."""
        cdef IdSums one
        if not 0 <= row < self._per_row.shape[0]:
            raise IndexError(f"no row {row}")
        self._per_row[row] += amount
        for one in self._sums:
            one._add(row, amount)


cdef class MoveCounter:
    """Counts members that come to the crowd of a row and leave it."""

    cdef public dict known
    cdef object _kind_of

    def __init__(self, kind_of):
        self.known = {}
        self._kind_of = kind_of

    def counts_of(self, member):
        """The counts that a member is counted in, as a tuple; derived classes know."""
        raise NotImplementedError

    def crowd_changed(self, Py_ssize_t row, old, new):
        """The crowd that an item holds is another one."""
        self.moved(row, old.held, new.held)

    def moved(self, Py_ssize_t row, old, new):
        """Others are in the crowd of a row, or newer versions of them."""
        cdef tuple lost = ()
        cdef tuple won = ()
        cdef RowCounts one
        move = new.move_since(old)
        if move is None:
            self._moved_much(row, old, new)
            return
        gone, came = move
        if gone is not None:
            lost = self._meant(gone)
        if came is not None:
            won = self._meant(came)
        # One that was renewed counts where it counted, mostly.
        if lost is won or lost == won:
            return
        for one in lost:
            one.add(row, -1)
        for one in won:
            one.add(row, 1)

    cdef tuple _meant(self, member):
        kind = self._kind_of(member)
        found = self.known.get(kind)
        if found is None:
            found = self.known[kind] = self.counts_of(member)
        return found

    cdef _moved_much(self, Py_ssize_t row, old, new):
        cdef RowCounts one
        cdef dict amounts = {}
        for member, amount in new.changes_since(old):
            for one in self._meant(member):
                amounts[one] = amounts.get(one, 0) + amount
        for one, amount in amounts.items():
            if amount:
                one.add(row, amount)
