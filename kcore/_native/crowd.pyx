"""Members in order and sums of what they bring: the compiled kernel.

`reference/crowd.py` explains it. A change makes one object here, and the collector of circles never
looks at it: nothing that a crowd holds leads back to it.

A version that only its successor holds is nobody's: who can ask for the changes since? So it goes,
and the successor takes its move over, into the list of *earlier* moves that it has from the one
before. Of tens of thousands of changes that nobody read two pointers are left of each.
"""

cimport cython
from cpython.ref cimport Py_REFCNT

cdef extern from *:
    """
    /* An instance of the class of `like`, made without its `__init__`. The collector of circles
     * is told of derived classes; it need not be where instances hold no more than the base's. */
    static PyObject *crowd_blank(PyObject *like, PyObject *nothing, PyObject *base) {
        PyTypeObject *type = Py_TYPE(like);
        PyObject *blank = type->tp_new(type, nothing, NULL);
        if (blank != NULL && PyType_IS_GC(type) &&
            type->tp_basicsize == ((PyTypeObject *)base)->tp_basicsize) {
            PyObject_GC_UnTrack(blank);
        }
        return blank;
    }

    /* Each sum with an amount more, or less.
     *
     * Where the same amount is added to the same sum again, the result is the same number: pods
     * that say what they ask for add as much to two sums of a node, and these are one object. */
    static PyObject *crowd_added(PyObject *sums, PyObject *amounts, int is_less) {
        Py_ssize_t count = PyTuple_GET_SIZE(sums);
        if (PyTuple_GET_SIZE(amounts) != count) {
            PyErr_SetString(PyExc_ValueError, "as many amounts as there are sums");
            return NULL;
        }
        PyObject *result = PyTuple_New(count);
        for (Py_ssize_t i = 0; result != NULL && i < count; i++) {
            PyObject *sum = PyTuple_GET_ITEM(sums, i), *amount = PyTuple_GET_ITEM(amounts, i);
            PyObject *made = NULL;
            for (Py_ssize_t j = 0; made == NULL && j < i; j++) {
                if (PyTuple_GET_ITEM(sums, j) == sum && PyTuple_GET_ITEM(amounts, j) == amount) {
                    made = Py_NewRef(PyTuple_GET_ITEM(result, j));
                }
            }
            if (made == NULL) {
                made = is_less ? PyNumber_Subtract(sum, amount) : PyNumber_Add(sum, amount);
            }
            if (made == NULL) {
                Py_CLEAR(result);
            } else {
                PyTuple_SET_ITEM(result, i, made);
            }
        }
        if (result != NULL) {
            PyObject_GC_UnTrack(result); /* Numbers are in no circle. */
        }
        return result;
    }
    """
    object crowd_blank(object like, tuple nothing, object base)
    tuple crowd_added(tuple sums, tuple amounts, bint is_less)

cdef enum:
    CHANGES_MIN = 8
    CHANGES_PER_MEMBER = 2
    SCANS_MAX = 4
    SCANNED_MAX = 16

cdef tuple NOTHING = ()

CHANGES_COUNT_MIN = CHANGES_MIN
CHANGES_PER_MEMBER_COUNT = CHANGES_PER_MEMBER


def _left_unseen(member):
    return LookupError(f"{member.uid} left a crowd without being there")


@cython.no_gc
cdef class Crowd:
    """Members in order: added at the end, removed by moving the last one into the gap."""

    cdef Crowd _before
    # The last move; those before it since `_before`, who left and who came in turn, or None.
    cdef object _gone, _came, _absent
    cdef list _earlier
    cdef tuple _members
    cdef dict _counts
    cdef readonly Py_ssize_t changes_count, size
    cdef readonly tuple sums

    def __init__(self, members=(), tuple sums not None=(), absent=_left_unseen):
        self._members = tuple(members)
        self.size = len(self._members)
        self.sums = sums
        self._absent = absent

    def __dealloc__(self):
        # One after the other: a chain may be as long as a crowd is great, a recursion may not.
        cdef Crowd one = self._before
        cdef Crowd earlier
        self._before = None
        while one is not None and Py_REFCNT(one) == 1:
            earlier = one._before
            one._before = None
            one = earlier
            earlier = None  # Or it would be held twice, and go by recursion.

    def __len__(self):
        return self.size

    def __iter__(self):
        return iter(self.read())

    def read(self):
        """Every member, in order. O(members) after a change, then O(1).

        Raises:
            Exception: the one that `absent` makes of somebody who left and was not here.
        """
        cdef Crowd one = self
        cdef list moves
        if self._members is None:
            moves = []
            while one._members is None:
                one._list_moves(moves)
                one = one._before
            moves.reverse()
            self._members = tuple(self._replayed(list(one._members), moves))
            self._before = self._gone = self._came = self._earlier = None
            self.changes_count = 0
        return self._members

    def plus(self, member, tuple amounts not None=()):
        """The crowd with one member more. O(1) amortised."""
        return self._followed(None, member, self.size + 1, crowd_added(self.sums, amounts, False))

    def minus(self, member, tuple amounts not None=()):
        """The crowd without one of its members. O(1) amortised."""
        return self._followed(member, None, self.size - 1, crowd_added(self.sums, amounts, True))

    def renewed(self, old, new):
        """The crowd without a member, and at its end a newer version that brings as much.

        O(1) amortised.
        """
        cdef Crowd twin
        if self._came is old and old is not None:
            # The last one in order: nobody moves. So it is as if the newer one had come instead.
            twin = self._follower(self._before, self._gone, new, self.changes_count)
            twin._earlier = self._earlier
            return twin
        return self._followed(old, new, self.size, self.sums)

    def move_since(self, Crowd old not None):
        """Who left, and who came after that, if one move made this version, else None. O(1).

        Renewing whoever came last to `old` is one move, too.
        """
        if self._before is None:
            return None
        if self._before is old:
            return None if self._earlier is not None else (self._gone, self._came)
        if (
            self._before is old._before
            and self._gone is old._gone
            and self._earlier is old._earlier
        ):
            return old._came, self._came
        return None

    def changes_since(self, Crowd old not None):
        """Members that left (-1) and that came (+1), together those between both versions.

        One that came and left again may be among them, twice. O(changes) if this version was made
        from `old`, or both from one, and none was read meanwhile; else O(members).
        """
        cdef list changes = [], moves = []
        cdef Crowd one = self
        cdef Crowd parent = old._before
        cdef bint is_renewed = False
        while one is not old and one is not parent and one._before is not None:
            if one._before is parent and one._earlier is old._earlier:
                # They differ in the last move alone, however many both have from the one before.
                is_renewed = True
                moves.append((one._gone, one._came))
                break
            one._list_moves(moves)
            one = one._before
        for gone, came in moves:
            _tell(changes, gone, came)
        if is_renewed:
            _tell(changes, old._came, old._gone)
            return changes
        if one is old:
            return changes
        if one is parent:
            # Another one came of it; what came of it there did not happen here.
            moves = []
            old._list_moves(moves)
            for gone, came in moves:
                _tell(changes, came, gone)
            return changes
        return _difference(old.read(), self.read())

    def count(self, str key not None, means):
        """How many members a condition means; `key` stands for it and for nothing else.

        O(changes since it was asked before), O(members) when it was not or they were read.
        """
        cdef Crowd one = self
        cdef Py_ssize_t total = 0
        cdef list moves = []
        while one._before is not None and (one._counts is None or key not in one._counts):
            one._list_moves(moves)
            one = one._before
        for gone, came in moves:
            if came is not None and means(came):
                total += 1
            if gone is not None and means(gone):
                total -= 1
        if one._counts is not None and key in one._counts:
            total += <Py_ssize_t>one._counts[key]
        else:
            total = 0
            for member in self.read():
                if means(member):
                    total += 1
        if self._counts is None:
            self._counts = {}
        self._counts[key] = total
        return total

    cdef Crowd _followed(self, gone, came, Py_ssize_t size, tuple sums):
        cdef Py_ssize_t count = self.changes_count
        if count >= CHANGES_MIN and count >= CHANGES_PER_MEMBER * self.size:
            self.read()
            count = 0
        elif count >= CHANGES_MIN and self._earlier is None:
            self._take_over()
        cdef Crowd twin = self._follower(self, gone, came, count + 1)
        twin.size, twin.sums = size, sums
        return twin

    cdef Crowd _follower(self, Crowd before, gone, came, Py_ssize_t count):
        """A crowd of this size and these sums that follows from another one."""
        cdef Crowd twin
        if type(self) is Crowd:
            twin = Crowd.__new__(Crowd)
        else:
            twin = <Crowd>crowd_blank(self, NOTHING, Crowd)
        twin._before, twin._gone, twin._came = before, gone, came
        twin._absent = self._absent
        twin.changes_count = count
        twin.size, twin.sums = self.size, self.sums
        return twin

    cdef int _take_over(self) except -1:
        """Take the move of the version before over, if nobody else holds that."""
        cdef Crowd before = self._before
        cdef list earlier = before._earlier
        # Each is held by this variable, too. The list may be that of one who was renewed as well.
        if Py_REFCNT(before) > 2 or before._members is not None or before._counts is not None:
            return 0
        if earlier is None:
            earlier = []
        elif Py_REFCNT(earlier) > 2:
            return 0
        earlier.append(before._gone)
        earlier.append(before._came)
        self._before, self._earlier = before._before, earlier
        return 0

    cdef int _list_moves(self, list moves) except -1:
        """Add the moves that lead here from the version before, the last one first."""
        cdef Py_ssize_t place
        moves.append((self._gone, self._came))
        if self._earlier is not None:
            for place in range(len(self._earlier) - 2, -1, -2):
                moves.append((self._earlier[place], self._earlier[place + 1]))
        return 0

    cdef list _replayed(self, list members, list moves):
        cdef Py_ssize_t place
        cdef dict places = None
        if len(moves) > SCANS_MAX and len(members) + len(moves) > SCANNED_MAX:
            places = {one.uid: index for index, one in enumerate(members)}
        for gone, came in moves:
            if gone is not None:
                uid = gone.uid
                place = _last_place(members, uid) if places is None else places.pop(uid, -1)
                if place < 0:
                    raise self._absent(gone)
                last = members.pop()
                if place < len(members):
                    members[place] = last
                    if places is not None:
                        places[last.uid] = place
            if came is not None:
                if places is not None:
                    places[came.uid] = len(members)
                members.append(came)
        return members


cdef int _tell(list changes, gone, came) except -1:
    if came is not None:
        changes.append((came, 1))
    if gone is not None:
        changes.append((gone, -1))
    return 0


cdef Py_ssize_t _last_place(list members, uid) except? -2:
    cdef Py_ssize_t place
    for place in range(len(members) - 1, -1, -1):
        if members[place].uid == uid:
            return place
    return -1


cdef list _difference(tuple old, tuple new):
    if len(new) == len(old) + 1 and new[: len(old)] == old:
        return [(new[len(old)], 1)]
    cdef dict before = {one.uid: one for one in old}
    cdef dict after = {one.uid: one for one in new}
    cdef list changes = [(one, -1) for one in old if after.get(one.uid) is not one]
    changes += [(one, 1) for one in new if before.get(one.uid) is not one]
    return changes
