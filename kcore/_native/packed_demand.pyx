# distutils: include_dirs = kcore/_native
# distutils: depends = kcore/_native/packed_marks.h kcore/_native/packed_marks.inc.h
# distutils: extra_compile_args = -ffp-contract=off -fno-trapping-math -fno-math-errno
"""How good each row of a table is for a demand: the compiled kernel.

`reference/packed_demand.py` explains it. The common demand runs in the vector loop of
`packed_marks.h`, any other row by row in whole numbers, and placing many demands in turn follows a
tree of maxima, 64 marks a node.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t

from kcore._native.packed_table cimport MarkColumns, Table, marks_measure

import numpy

cdef extern from "packed_marks.h" nogil:
    ctypedef struct MarkDemand:
        double needs[2]
        double weighs[2]
        double uses[2]
        int room_weight
        int balance_weight

    ctypedef void (*MarksLoop)(
        const MarkColumns *, const MarkDemand *, const uint8_t *, uint8_t *, int64_t
    ) noexcept
    MarksLoop marks_loop(const char **name) noexcept
    ctypedef struct MarkTree:
        uint8_t *levels[7]
        int count

    ctypedef struct MarkRules:
        int needs_count, scored_count, most
        int need_index[32]
        int score_index[32]
        double need[32]
        double score[32]
        int64_t score_weight[32]
        double balanced[2]
        int64_t room_weight, balance_weight

    ctypedef struct MarkRow:
        const double *capacity
        const double *used
        const double *weighed
        int64_t stride
        uint8_t before

    int64_t marks_worth(const MarkRules *, const MarkRow *) noexcept
    uint8_t marks_one(const MarkColumns *, const MarkDemand *, int64_t row) noexcept
    void marks_raise(MarkTree *, int64_t row) noexcept
    int64_t marks_top(const MarkTree *) noexcept
    void marks_again(
        const MarkColumns *, const MarkDemand *, const uint8_t *closed, uint8_t *marks, MarkTree *,
        const int32_t *rows, int64_t count
    ) noexcept
    uint8_t marks_peak(const uint8_t *block) noexcept

cdef enum:
    PEAK = 64  # Marks under one node of the tree.
    RESOURCES_MAX = 32
    MARK_MAX = 254
    MARKS_FULL = 255

cdef double VECTOR = 2.0 ** 42
cdef double NOT_ASKED = -1e300

cdef const char *_loop_name = NULL
cdef MarksLoop _loop = marks_loop(&_loop_name)

LOOP = _loop_name.decode()


cdef class Demand:
    """What is asked of a row, and a mark for each row of a table; see the reference kernel."""

    cdef MarkDemand _packed
    cdef MarkRules _rules
    cdef MarkTree _tree
    cdef Py_ssize_t _adds_count
    cdef int _add_index[RESOURCES_MAX]
    cdef double _add[RESOURCES_MAX]
    cdef double _add_weighed[2]
    cdef bint _vector, _wide
    cdef object _shape
    cdef object _closed_array, _extra_array, _marks_array, _shown, _worth_array, _tree_arrays
    cdef uint8_t[::1] _closed, _marks
    cdef int32_t[::1] _extra, _worth
    cdef list _pending
    cdef long long _seen, _arrangement

    def __init__(self, needs, scored, balanced, weights, adds, bint most=False):
        self._shape = (tuple(needs), tuple(scored), balanced, tuple(weights), adds, most)
        self._read()
        self._pending = []
        self._arrangement = -1
        self._resize(0)

    cdef _read(self):
        cdef MarkDemand *packed = &self._packed
        cdef MarkRules *rules = &self._rules
        needs, scored, balanced, (room_weight, balance_weight), adds, most = self._shape
        if max(len(needs), len(scored), len(adds[0])) > RESOURCES_MAX:
            raise OverflowError(f"a demand names at most {RESOURCES_MAX} resources")
        rules.needs_count, rules.scored_count, rules.most = len(needs), len(scored), most
        packed.needs[0] = packed.needs[1] = NOT_ASKED
        is_plain = not most and [row[:2] for row in scored] == [(0, 1), (1, 1)]
        for position, (index, amount) in enumerate(needs):
            rules.need_index[position], rules.need[position] = index, amount
            if index < 2:
                packed.needs[index] = amount
            is_plain = is_plain and index < 2
        for position, (index, weight, amount) in enumerate(scored):
            rules.score_index[position], rules.score_weight[position] = index, weight
            rules.score[position] = amount
            if index < 2:
                packed.weighs[index] = amount
        rules.room_weight = packed.room_weight = room_weight
        rules.balance_weight = packed.balance_weight = 0 if balanced is None else balance_weight
        rules.balanced[0], rules.balanced[1] = balanced or (0, 0)
        packed.uses[0], packed.uses[1] = rules.balanced[0], rules.balanced[1]
        self._adds_count = len(adds[0])
        for position, (index, amount) in enumerate(adds[0]):
            self._add_index[position], self._add[position] = index, amount
        self._add_weighed[0], self._add_weighed[1] = adds[1]
        self._wide = 100 * (rules.room_weight + rules.balance_weight) > MARK_MAX
        amounts = [row[len(row) - 1] for row in (*needs, *scored)] + list(balanced or ())
        self._vector = is_plain and not self._wide and max(amounts, default=0) < VECTOR

    cdef _resize(self, Py_ssize_t row_count):
        self._show(numpy.zeros(row_count, dtype=numpy.uint8), None)

    cdef _show(self, closed, extra):
        self._closed_array = closed
        self._closed = closed
        self._extra_array = extra
        self._extra = extra
        size = len(closed)
        # Whole blocks, so that the tree may read past the end.
        self._marks_array = numpy.zeros(-(-max(size, 1) // PEAK) * PEAK, dtype=numpy.uint8)
        self._marks = self._marks_array
        self._shown = self._marks_array[:size]
        self._worth_array = self._worth = None
        self._tree.count = 0
        self._tree_arrays = None
        self._arrangement = -1

    @property
    def is_wide(self):
        """Whether worth does not fit a byte, so that `worth` holds it and marks are 0 or 1."""
        return self._wide or self._extra_array is not None

    @property
    def marks(self):
        """One byte per row, as of the last `refresh`; do not write."""
        return self._shown

    @property
    def closures(self):
        """The reasons why rows are closed, one byte per row; do not write."""
        return self._closed_array

    @property
    def worth(self):
        """Worth per open row where it is wide, else None; do not write."""
        return self._worth_array

    def rearrange(self, sources):
        """Follow `Table.rearrange`; new rows are not closed and have no extra. O(rows)."""
        order = numpy.asarray(sources, dtype=numpy.int64)
        extra = self._extra_array
        self._show(
            _taken(self._closed_array, order), None if extra is None else _taken(extra, order)
        )
        self._pending = []

    def close(self, Py_ssize_t row, int reasons, int extra=0):
        """Close a row for reasons of one's own (not 0) or not (0); `extra` adds to its worth."""
        if not 0 <= row < self._closed.shape[0]:
            raise IndexError(f"no row {row}")
        if extra and self._extra_array is None:
            self._show(self._closed_array, numpy.zeros(len(self._closed_array), numpy.int32))
        if self._closed[row] != reasons or (
            self._extra is not None and self._extra[row] != extra
        ):
            self._closed[row] = reasons
            if self._extra is not None:
                self._extra[row] = extra
            self._pending.append(row)

    def close_all(self, reasons, extra=None):
        """`close` for every row at once, from arrays. O(rows)."""
        if len(reasons) != self._closed.shape[0]:
            raise ValueError("one reason per row")
        own = numpy.array(reasons, dtype=numpy.uint8)
        self._show(own, None if extra is None else numpy.array(extra, dtype=numpy.int32))
        self._pending = []

    def closed(self, Py_ssize_t row):
        """The reasons why a row is closed."""
        if not 0 <= row < self._closed.shape[0]:
            raise IndexError(f"no row {row}")
        return self._closed[row]

    def refresh(self, Table table):
        """Bring the marks up to date, and return them.

        O(rows changed since), or O(rows) when that is less.
        """
        self._refresh(table)
        return self._shown

    cdef int _refresh(self, Table table) except -1:
        if table.row_count != self._closed.shape[0]:
            raise ValueError("a table and a demand of different sizes")
        if self._worth is None and (self._wide or self._extra is not None):
            self._worth_array = numpy.zeros(table.row_count, dtype=numpy.int32)
            self._worth = self._worth_array
            self._arrangement = -1
        self._catch_up(table)
        self._arrangement = table.arrangement
        if self._pending:
            for row in self._pending:
                self._set_mark(table, row)
            self._pending = []
        return 0

    def is_open(self, Table table not None, Py_ssize_t row):
        """Bring the marks up to date; whether a row is open."""
        self._refresh(table)
        if not 0 <= row < self._closed.shape[0]:
            raise IndexError(f"no row {row}")
        return self._marks[row] != 0

    cdef void _catch_up(self, Table table) noexcept:
        """Mark the rows again that changed since last time."""
        cdef long long end = table._log_start + table._log_count
        cdef long long at
        if (
            self._arrangement != table.arrangement
            or self._seen < table._log_start
            or (end - self._seen) * 4 > table.row_count + 256
        ):
            self._mark_all(table)
        elif self._vector and self._extra is None and not table.odd_count:
            if end > self._seen:
                at = self._seen - table._log_start
                marks_again(
                    &table.columns, &self._packed, &self._closed[0], &self._marks[0], &self._tree,
                    &table._log[at], end - self._seen,
                )
        else:
            for at in range(self._seen - table._log_start, table._log_count):
                self._set_mark(table, table._log[at])
        self._seen = end

    def copy(self):
        """An independent demand with the same marks. O(rows)."""
        cdef Demand twin = Demand.__new__(Demand)
        twin._shape = self._shape
        twin._read()
        extra = self._extra_array
        twin._show(self._closed_array.copy(), None if extra is None else extra.copy())
        twin._marks_array[:] = self._marks_array
        if self._worth_array is not None:
            twin._worth_array = self._worth_array.copy()
            twin._worth = twin._worth_array
        twin._pending = list(self._pending)
        twin._seen = self._seen
        twin._arrangement = self._arrangement
        return twin

    cdef void _mark_all(self, Table table) noexcept:
        cdef Py_ssize_t row
        cdef Py_ssize_t row_count = table.row_count
        self._tree.count = 0
        if row_count == 0:
            return
        if not self._vector or self._extra is not None:
            for row in range(row_count):
                self._set_mark(table, row)
            return
        _loop(&table.columns, &self._packed, &self._closed[0], &self._marks[0], row_count)
        if table.odd_count:
            for row in range(row_count):
                if table._odd[row]:
                    self._set_mark(table, row)

    cdef inline void _set_mark(self, Table table, Py_ssize_t row) noexcept:
        cdef int64_t worth
        cdef uint8_t mark
        if self._vector and self._extra is None and not table._odd[row]:
            mark = 0 if self._closed[row] else marks_one(&table.columns, &self._packed, row)
        else:
            worth = self._worth_of(table, row)
            mark = <uint8_t>(worth + 1)
            if self._worth is not None:
                self._worth[row] = <int32_t>worth
                mark = worth >= 0
        if self._marks[row] != mark:
            self._marks[row] = mark
            if self._tree.count:
                marks_raise(&self._tree, row)

    cdef int64_t _worth_of(self, Table table, Py_ssize_t row) noexcept:
        """The worth of an open row, or -1."""
        cdef MarkRow one
        if self._closed[row] or table._before[row] == MARKS_FULL:
            return -1
        one.capacity, one.used = &table._capacity[0, row], &table._used[0, row]
        one.weighed, one.stride = &table._weighed[0, row], table.row_count
        one.before = table._before[row]
        cdef int64_t worth = marks_worth(&self._rules, &one)
        if worth >= 0 and self._extra is not None:
            worth += self._extra[row]
        return worth

    cdef _take(self, Table table, Py_ssize_t row):
        """Use amounts and a slot of a row."""
        cdef Py_ssize_t position
        for position in range(self._adds_count):
            table._used[self._add_index[position], row] += self._add[position]
        table._weighed[0, row] += self._add_weighed[0]
        table._weighed[1, row] += self._add_weighed[1]
        table._count[row] += 1
        marks_measure(&table.columns, row)
        table.note(row)

    cdef _build_tree(self):
        """Maxima of 64, of 64 of those, and so on, up to one block."""
        cdef Py_ssize_t node, count
        cdef uint8_t[::1] below = self._marks_array
        cdef uint8_t[::1] level
        self._tree_arrays = []
        self._tree.levels[0] = &below[0]
        self._tree.count = 1
        while below.shape[0] > PEAK:
            count = below.shape[0] // PEAK
            array = numpy.zeros(-(-count // PEAK) * PEAK, dtype=numpy.uint8)
            level = array
            for node in range(count):
                level[node] = marks_peak(&below[node * PEAK])
            self._tree_arrays.append(array)
            self._tree.levels[self._tree.count] = &level[0]
            self._tree.count += 1
            below = level


cdef object _taken(array, order):
    """`array` in a new order; 0 where there was nothing."""
    if len(array) == 0:
        return numpy.zeros(len(order), array.dtype)
    taken = array[numpy.where(order < 0, 0, order)]
    taken[order < 0] = 0
    return taken


def place(Table table, demands, sequence):
    """Place demands one after the other, each on the first row of the greatest mark.

    `sequence` are positions in `demands`. Returns a row for each, or -1 where none was open.
    O(log rows) for each demand, and for each row that changed since the same demand came last.
    """
    cdef int32_t[::1] turns = numpy.ascontiguousarray(sequence, dtype=numpy.int32)
    cdef list asked = list(demands)
    cdef Demand demand
    cdef Py_ssize_t turn, row
    rows = numpy.full(turns.shape[0], -1, dtype=numpy.int32)
    cdef int32_t[::1] chosen = rows
    for one in asked:
        demand = one
        if demand.is_wide:
            raise ValueError("a demand of this weight cannot be placed in a row of others")
        demand.refresh(table)
    for turn in range(turns.shape[0]):
        if not 0 <= turns[turn] < len(asked):
            raise IndexError(f"no demand {turns[turn]}")
        demand = <Demand>asked[turns[turn]]
        if demand._seen != table._log_start + table._log_count:
            demand._catch_up(table)
        if demand._tree.count == 0:
            demand._build_tree()
        row = marks_top(&demand._tree)
        if row >= 0:
            chosen[turn] = <int32_t>row
            demand._take(table, row)
    return rows
