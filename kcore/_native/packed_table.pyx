# distutils: include_dirs = kcore/_native
# distutils: depends = kcore/_native/packed_marks.h kcore/_native/slot_place.h
# distutils: extra_compile_args = -ffp-contract=off
"""Rows with capacities and used amounts: the compiled kernel.

`reference/packed_table.py` explains it. Here amounts are columns of doubles. Beside them is what
follows from them and the loop of `packed_marks.h` reads: the inverses of two capacities, the
evenness of two used shares, and the first resource's amounts in 32 bits.
"""

from cpython.long cimport PyLong_AsDouble, PyLong_CheckExact
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_GET_SIZE
from libc.stdint cimport int32_t

import numpy

cdef extern from "packed_marks.h" nogil:
    int32_t marks_narrow(double amount) noexcept

cdef extern from "slot_place.h":
    ctypedef struct SlotPlace:
        pass

    object slot_read(object item, object name, SlotPlace *place)

cdef enum:
    RESOURCES_MAX = 32
    MARKS_BLOCK = 256
    MARKS_FULL = 255

cdef double EXACT = 2.0 ** 53
# What the vector loop takes: capacities, and the first one, of which it reads 32 bits.
cdef double VECTOR = 2.0 ** 42
cdef double NARROW = 2.0 ** 30


cdef SlotPlace _frame, _held


cdef class Table:
    """Rows with slots, capacities and used amounts; remembers in which order rows changed."""

    def __init__(self, Py_ssize_t resource_count=3):
        if not 2 <= resource_count <= RESOURCES_MAX:
            raise ValueError(f"a table has 2 to {RESOURCES_MAX} resources")
        self.resource_count = resource_count
        self._log = numpy.empty(64, dtype=numpy.int32)
        self._show(_empty_arrays(resource_count))

    cdef _show(self, arrays):
        self._arrays = arrays
        self._capacity = arrays["capacity"]
        self._used = arrays["used"]
        self._weighed = arrays["weighed"]
        self._inverse = arrays["inverse"]
        self._rough_inverse = arrays["rough_inverse"]
        self._slots = arrays["slots"]
        self._count = arrays["count"]
        self._narrow = arrays["narrow"]
        self._before = arrays["before"]
        self._odd = arrays["odd"]
        self.row_count = self._slots.shape[0]
        self._apart = _apart_blocks(arrays["used"][:2], arrays["weighed"])
        if self.row_count:
            self._point()
        for block in numpy.flatnonzero(self._apart):
            marks_part(&self.columns, block)

    cdef void _point(self) noexcept:
        """Tell the loops where the columns are."""
        cdef Py_ssize_t index
        for index in range(2):
            self.columns.capacity[index] = &self._capacity[index, 0]
            self.columns.used[index] = &self._used[index, 0]
            self.columns.weighed[index] = &self._weighed[index, 0]
        for index in range(3):
            self.columns.narrow[index] = &self._narrow[index, 0]
        self.columns.inverse = &self._inverse[0]
        self.columns.rough_inverse = &self._rough_inverse[0]
        self.columns.slots = &self._slots[0]
        self.columns.count = &self._count[0]
        self.columns.row_count = self.row_count
        self.columns.before = &self._before[0]
        self.columns.apart = &self._apart[0]

    @property
    def change_count(self):
        """How many changes of rows there were in this arrangement."""
        return self._log_start + self._log_count

    def add_resource(self, capacity, used):
        """Make room for another resource, with these amounts per row; returns its index.

        Raises:
            OverflowError: there is no room, or an amount is not below 2**53.
        """
        if self.resource_count >= RESOURCES_MAX:
            raise OverflowError(f"a table has at most {RESOURCES_MAX} resources")
        columns = []
        for amounts in (capacity, used):
            if len(amounts) != self.row_count:
                raise ValueError("one amount per row")
            for amount in amounts:
                _exact(amount)
            columns.append(numpy.array([amounts], dtype=numpy.float64))
        for name, column in zip(("capacity", "used"), columns):
            self._arrays[name] = numpy.concatenate([self._arrays[name], column])
        self._show(self._arrays)
        self.resource_count += 1
        return self.resource_count - 1

    def rearrange(self, sources):
        """Row i becomes what row `sources[i]` was, or an empty row where that is -1. O(rows)."""
        order = numpy.asarray(sources, dtype=numpy.int64)
        new = order < 0
        arrays = {}
        for name, array in self._arrays.items():
            if self.row_count:
                taken = numpy.ascontiguousarray(array[..., numpy.where(new, 0, order)])
                taken[..., new] = _BLANK.get(name, 0)
            else:
                shape = array.shape[: array.ndim - 1] + (len(order),)
                taken = numpy.full(shape, _BLANK.get(name, 0), array.dtype)
            arrays[name] = taken
        self._show(arrays)
        self.odd_count = int(arrays["odd"].sum())
        self.arrangement += 1
        self._log_start = self._log_count = 0

    def set(self, Py_ssize_t row, slots, amounts, weighed):
        """Give a row (slots, taken slots), (capacity, used) per resource, and two weighed amounts.

        What is the same as before is no change.

        Raises:
            OverflowError: an amount is not below 2**53.
        """
        capacities, used = zip(*amounts)
        self._write(row, (slots[0], *capacities), slots[1], (*used, *weighed))

    def set_all(
        self,
        list rows not None,
        list capacities not None,
        list taken not None,
        list sums not None,
    ):
        """`set` for many rows at once; see the reference kernel.

        Raises:
            OverflowError: an amount is not below 2**53.
        """
        cdef Py_ssize_t index
        cdef Py_ssize_t count = len(rows)
        if not count == len(capacities) == len(taken) == len(sums):
            raise ValueError("one of each per row")
        for index in range(count):
            self._write(rows[index], capacities[index], taken[index], sums[index])

    cdef int _write(
        self, Py_ssize_t row, tuple capacities, int32_t taken, tuple sums
    ) except -1:
        cdef Py_ssize_t index
        cdef Py_ssize_t count = self.resource_count
        cdef double capacity, used
        cdef int32_t slots
        if not 0 <= row < self.row_count:
            raise IndexError(f"no row {row}")
        if PyTuple_GET_SIZE(capacities) != count + 1 or PyTuple_GET_SIZE(sums) != count + 2:
            raise ValueError("an amount for each resource, and two weighed ones")
        slots = <object>PyTuple_GET_ITEM(capacities, 0)
        cdef bint is_same = self._slots[row] == slots and self._count[row] == taken
        self._slots[row], self._count[row] = slots, taken
        for index in range(count):
            capacity = _exact(<object>PyTuple_GET_ITEM(capacities, index + 1))
            used = _exact(<object>PyTuple_GET_ITEM(sums, index))
            is_same &= self._capacity[index, row] == capacity and self._used[index, row] == used
            self._capacity[index, row] = capacity
            self._used[index, row] = used
        for index in range(2):
            used = _exact(<object>PyTuple_GET_ITEM(sums, count + index))
            is_same &= self._weighed[index, row] == used
            self._weighed[index, row] = used
            self._invert(index, row, self._capacity[index, row])
        self._narrow[0, row] = marks_narrow(self._capacity[0, row])
        self._measure(row)
        if not is_same:
            self.note(row)
        return 0

    def use(self, Py_ssize_t row, int taken, tuple sums not None):
        """Say anew how much of a row is used: of the first resources, and then the weighed two.

        Capacities stay, and what `sums` leaves out. What is the same as before is no change.

        Raises:
            OverflowError: an amount is not below 2**53.
        """
        self._use(row, taken, sums)

    cdef int _use(self, Py_ssize_t row, int taken, tuple sums) except -1:
        cdef Py_ssize_t index
        cdef Py_ssize_t used_count = PyTuple_GET_SIZE(sums) - 2
        cdef double amount
        if not 0 <= row < self.row_count:
            raise IndexError(f"no row {row}")
        if not 0 <= used_count <= self.resource_count:
            raise ValueError("more amounts than resources")
        cdef bint is_same = self._count[row] == taken
        self._count[row] = taken
        for index in range(used_count):
            amount = _exact(<object>PyTuple_GET_ITEM(sums, index))
            is_same &= self._used[index, row] == amount
            self._used[index, row] = amount
        for index in range(2):
            amount = _exact(<object>PyTuple_GET_ITEM(sums, used_count + index))
            is_same &= self._weighed[index, row] == amount
            self._weighed[index, row] = amount
        if not is_same:
            self._measure(row)
            self.note(row)
        return 0

    def follow(self, list items not None, shelf, observers):
        """Put newer items into their rows where nothing but their crowds is another.

        Returns None, or the rows where more is; no row where any may be. See the reference kernel.

        Raises:
            OverflowError: an amount is not below 2**53.
        """
        cdef list others = None
        cdef Py_ssize_t row
        cdef list newer = shelf.items
        cdef dict rows = shelf.take_changes()
        if len(items) != self.row_count:
            raise ValueError("one item per row")
        if rows is None or len(newer) != self.row_count:
            return []
        for row in rows:
            if not 0 <= row < self.row_count:
                raise IndexError(f"no row {row}")
            old, new = items[row], newer[row]
            if old is new:
                continue
            if slot_read(old, "frame", &_frame) is not slot_read(new, "frame", &_frame):
                if others is None:
                    others = []
                others.append(row)
                continue
            items[row] = new
            crowd, former = slot_read(new, "held", &_held), slot_read(old, "held", &_held)
            sums = crowd.sums
            # Whoever comes or goes makes new sums; one that is renewed does not.
            if sums is not former.sums:
                self._use(row, crowd.size, sums)
            for observer in observers:
                observer.crowd_changed(row, old, new)
        return others

    cdef void _measure(self, Py_ssize_t row) noexcept:
        """Work out again what follows from the amounts of a row."""
        cdef Py_ssize_t index
        cdef bint odd = False
        for index in range(2):
            odd |= not 0 < self._capacity[index, row] < (VECTOR if index else NARROW)
            odd |= not 0 <= self._used[index, row] < VECTOR
            odd |= not 0 <= self._weighed[index, row] < VECTOR
        self.odd_count += odd - self._odd[row]
        self._odd[row] = odd
        marks_measure(&self.columns, row)

    cdef void _invert(self, Py_ssize_t index, Py_ssize_t row, double capacity) noexcept:
        cdef double inverse = 1.0 / capacity if capacity else 0.0
        if index:
            self._inverse[row] = inverse
        else:
            self._rough_inverse[row] = <float>inverse

    def row(self, Py_ssize_t row):
        """What `set` was told of a row, as whole numbers."""
        if not 0 <= row < self.row_count:
            raise IndexError(f"no row {row}")
        amounts = tuple(
            [
                (int(self._capacity[index, row]), int(self._used[index, row]))
                for index in range(self.resource_count)
            ]
        )
        weighed = int(self._weighed[0, row]), int(self._weighed[1, row])
        return (self._slots[row], self._count[row]), amounts, weighed

    def column(self, str name, Py_ssize_t index):
        """A copy of one column of amounts (`capacity`, `used`, `weighed`), as doubles."""
        return self._arrays[name][index].copy()

    def counts(self):
        """A copy of the columns (slots, taken slots)."""
        return self._arrays["slots"].copy(), self._arrays["count"].copy()

    def copy(self):
        """An independent table with the same content. O(rows)."""
        cdef Table twin = Table.__new__(Table)
        twin.resource_count = self.resource_count
        twin.odd_count = self.odd_count
        twin.arrangement = self.arrangement
        twin._show({name: array.copy() for name, array in self._arrays.items()})
        twin._log = numpy.array(self._log)
        twin._log_count = self._log_count
        twin._log_start = self._log_start
        return twin

    cdef note(self, Py_ssize_t row):
        if self._log_count == self._log.shape[0]:
            if self._log_count > 2 * self.row_count + 1024:
                # Whoever is that far behind is quicker looking at every row.
                self._log_start += self._log_count
                self._log_count = 0
            else:
                self._log = numpy.resize(numpy.asarray(self._log), 2 * self._log_count)
        self._log[self._log_count] = <int32_t>row
        self._log_count += 1


cdef dict _BLANK = {"before": MARKS_FULL, "odd": 1}


cdef dict _empty_arrays(Py_ssize_t resource_count):
    return {
        "capacity": numpy.zeros((resource_count, 0)),
        "used": numpy.zeros((resource_count, 0)),
        "weighed": numpy.zeros((2, 0)),
        "inverse": numpy.zeros(0),
        "rough_inverse": numpy.zeros(0, dtype=numpy.float32),
        "slots": numpy.zeros(0, dtype=numpy.int32),
        "count": numpy.zeros(0, dtype=numpy.int32),
        "narrow": numpy.zeros((3, 0), dtype=numpy.int32),
        "before": numpy.zeros(0, dtype=numpy.uint8),
        "odd": numpy.zeros(0, dtype=numpy.uint8),
    }


cdef object _apart_blocks(used, weighed):
    """Which blocks have a row whose weighed amounts differ from the used ones."""
    cdef Py_ssize_t row_count = used.shape[1]
    blocks = numpy.zeros(row_count // MARKS_BLOCK + 1, dtype=numpy.uint8)
    blocks[numpy.flatnonzero((used != weighed).any(axis=0)) // MARKS_BLOCK] = 1
    return blocks


cdef double _exact(amount) except? -1:
    """A whole number as a double."""
    # Asked as any number is, a whole one would make an object of the double first.
    cdef double exact = PyLong_AsDouble(amount) if PyLong_CheckExact(amount) else amount
    if not -EXACT < exact < EXACT:
        raise OverflowError("an amount must be below 2**53")
    return exact
