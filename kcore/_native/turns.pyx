"""One turn at a time: the compiled kernel; `reference/turns.py` explains it.

A clock, a trace and choices whose methods are the kernels' own, processes that are couriers, and
streams that are cursors are not asked through Python. Who they are is found out once.
"""

from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_GetPointer
from cpython.ref cimport Py_XDECREF
from cpython.unicode cimport PyUnicode_GET_LENGTH, PyUnicode_READ_CHAR
from libc.stdint cimport int64_t

from kcore._native.chance cimport Streams, _Stream
from kcore._native.trace cimport ActionLog

cdef extern from "ledger.h":
    ctypedef struct Entry:
        PyObject *key
        PyObject *value
    ctypedef struct Record:
        Entry *current
        Entry *previous
    ctypedef struct CursorAPI:
        PyObject *(*behind)(object, object)
        int64_t (*count_ahead)(object) except -1
        int (*take)(object, Record *) except -1
    const char *LEDGER_API_NAME

cdef CursorAPI *cursors = NULL
try:
    from kcore._native.ledger import _api
    cursors = <CursorAPI*>PyCapsule_GetPointer(_api, LEDGER_API_NAME)
except ModuleNotFoundError:
    pass  # Not compiled: there are no cursors of its own.


cdef enum _Mood:
    ASLEEP
    WAITING
    READY


cdef bint _is_own(one, kernel, tuple names) except -1:
    """Whether `one` is of this class, and no class has put other methods over these."""
    if not isinstance(one, kernel):
        return False
    for name in names:
        if getattr(type(one), name) is not getattr(kernel, name):
            return False
    return True


cdef inline bint _has_mail(tuple inboxes) except -1:
    for inbox in inboxes:
        if len(inbox):
            return True
    return False


cdef inline bint _has_work(tuple backlog) except -1:
    return len(backlog[1]) and not len(backlog[0])


cdef class Moment:
    """The time it is until somebody sets another."""

    cdef public object _now_ns

    def __init__(self, now_ns):
        self._now_ns = now_ns

    def now_ns(self):
        """The number it was set to."""
        return self._now_ns


cdef class Courier:
    """Brings the changes of a stream to handlers, one a step."""

    cdef public object _faults, _lister, _watch
    cdef public list _handlers
    cdef list _held  # Of the faults.
    cdef object _refusal, _source
    cdef object _pending, _change  # Of the stream: two methods that are called every turn,
    cdef object _cursor  # unless they are those of a cursor,
    cdef int64_t _ahead  # of which is known that it has so many changes.
    cdef str _kind

    def __init__(self, faults, watch, lister, refusal):
        self._faults = faults
        self._held = faults.held
        self._watch = watch
        self._lister = lister
        self._refusal = refusal
        self._handlers = []

    @property
    def _stream(self):
        return self._source

    @_stream.setter
    def _stream(self, stream):
        self._source = stream
        self._pending = None if stream is None else stream.pending
        self._change = None if stream is None else stream.change
        cdef PyObject *cursor = NULL
        if cursors is not NULL and stream is not None:
            cursor = cursors.behind(self._pending, self._change)
        self._cursor = None if cursor is NULL else <object>cursor
        self._ahead = 0

    def ready(self):
        """Whether there is something to deliver and no fault holds it back."""
        return self._mood() == READY

    def asleep(self):
        """Whether it waits for a write. One whose watch is held back waits for a release."""
        return self._source is not None and not self._pending()

    def step(self):
        """Deliver one change, or list when there is no stream yet."""
        rest = self._deliver()
        return self._kind + rest

    cdef int _mood(self) except -1:
        if self._source is None:
            return READY if self._may_list() else WAITING
        if self._cursor is None:
            if not self._pending():
                return ASLEEP
        elif not self._ahead:  # What is ahead of a cursor stays there until it is taken.
            self._ahead = cursors.count_ahead(self._cursor)
            if not self._ahead:
                return ASLEEP
        return WAITING if self._held and self._faults.is_held(self._watch) else READY

    cdef _deliver(self):
        """What `step` does; its label is `_kind` and what is returned."""
        self._kind = ""
        if self._source is None:
            return self._list()
        cursor = self._cursor
        cdef Record taken
        cdef bint is_there
        try:
            if cursor is None:
                change = self._change()
                is_there = change is not None
            else:
                is_there = self._take(cursor, &taken)
        except self._refusal as error:
            return self._refused(error)
        if not is_there:
            return "nothing to deliver"
        if cursor is None:
            return self._tell(change.key, change.value, change.previous_value)
        kept = <object>(taken.previous if taken.current is NULL else taken.current).key
        new = None if taken.current is NULL else <object>taken.current.value
        old = None if taken.previous is NULL else <object>taken.previous.value
        Py_XDECREF(<PyObject*>taken.current)
        Py_XDECREF(<PyObject*>taken.previous)
        return self._tell(kept, new, old)

    cdef bint _take(self, cursor, Record *taken) except -1:
        """The next change of the cursor; a count that is not sure any more is asked for anew."""
        cdef int64_t ahead = self._ahead
        self._ahead = 0
        cdef bint is_there = cursors.take(cursor, taken)
        self._ahead = max(ahead - 1, <int64_t>0)
        return is_there

    cdef _tell(self, str key, new, old):
        self._lister.seen = None
        if new is None:
            for handler in self._handlers:
                handler.on_delete(old)
            self._kind = "DELETED "
        elif old is None:
            for handler in self._handlers:
                handler.on_add(new)
            self._kind = "ADDED "
        else:
            for handler in self._handlers:
                handler.on_update(old, new)
            self._kind = "MODIFIED "
        return key[1:] if PyUnicode_GET_LENGTH(key) and PyUnicode_READ_CHAR(key, 0) == 47 else key


cdef class _Seat:
    """A process among those who take turns."""

    cdef object process, name
    cdef Courier courier  # The process, if it is one.
    cdef Py_ssize_t place
    cdef bint sleeps
    cdef tuple inboxes, backlog

    def __init__(self, process, name, place, sleeps, inboxes, backlog):
        self.process = process
        self.name = name
        self.courier = process if _is_own(process, Courier, ("ready", "asleep", "step")) else None
        self.place = place
        self.sleeps = sleeps
        self.inboxes = inboxes
        self.backlog = backlog

    cdef int mood(self) except -1:
        if self.courier is not None:
            return self.courier._mood()
        if self.backlog is not None and _has_work(self.backlog):
            return READY
        if self.inboxes and not _has_mail(self.inboxes):
            return WAITING
        if self.process.ready():
            return READY
        return ASLEEP if self.sleeps and self.process.asleep() else WAITING


cdef class TurnTaker:
    """Processes in joining order, who of them is awake, and whose turn it is."""

    cdef readonly object _clock, _choices, _trace
    cdef Moment _moment  # The clock, if it is one; so are the next two choices and trace.
    cdef _Stream _draws
    cdef ActionLog _log
    cdef object _crash
    cdef Py_ssize_t _count_max, _instant_count
    cdef readonly list _processes, _names
    cdef list _seats, _awake
    cdef dict _asleep
    cdef Py_ssize_t* _ready  # Room for a place of everybody.

    def __init__(self, clock, choices, trace, crash, Py_ssize_t count_max):
        self._clock = clock
        self._choices = choices
        self._trace = trace
        self._moment = clock if _is_own(clock, Moment, ("now_ns",)) else None
        if _is_own(choices, Streams, ("choose",)):
            self._draws = (<Streams>choices)._named("turn")
        self._log = trace if _is_own(trace, ActionLog, ("action", "take_touched")) else None
        self._crash = crash
        self._count_max = count_max
        self._instant_count = 0
        self._processes, self._names, self._seats = [], [], []
        self._awake, self._asleep = [], {}

    def __dealloc__(self):
        PyMem_Free(self._ready)

    def join(self, process, name, sleeps, tuple inboxes not None, tuple backlog=None):
        """Let a process take part; without inboxes it is asked at every turn."""
        cdef size_t count = len(self._seats) + 1
        cdef void* room = PyMem_Realloc(self._ready, count * sizeof(Py_ssize_t))
        if room is NULL:
            raise MemoryError
        self._ready = <Py_ssize_t*>room
        seat = _Seat(process, name, len(self._seats), sleeps, inboxes, backlog)
        self._processes.append(process)
        self._names.append(name)
        self._seats.append(seat)
        self._awake.append(seat)

    def follow(self, TurnTaker other not None, twins):
        """Go on where `other` is, with twins of its processes. O(processes)."""
        cdef _Seat known
        self._processes, self._names, self._seats = [], [], []
        for twin, known in zip(twins, other._seats, strict=True):
            inboxes = twin.inboxes if known.inboxes else ()
            backlog = twin.backlog if known.backlog is not None else None
            self.join(twin, known.name, known.sleeps, inboxes, backlog)
        self._awake = self._twins_of(other._awake)
        self._asleep = {topic: self._twins_of(seats) for topic, seats in other._asleep.items()}
        self._instant_count = other._instant_count

    def act(self):
        """Let one ready process take one step; False when nobody is ready."""
        return self._act()

    def act_often(self, Py_ssize_t count_max):
        """Take turns until nobody is ready or `count_max` are taken; how many were taken."""
        cdef Py_ssize_t count = 0
        while count < count_max and self._act():
            count += 1
        return count

    cdef bint _act(self) except -1:
        cdef Py_ssize_t count = self._ask(), chosen = 0, place
        if not count:
            return False
        if self._instant_count >= self._count_max:
            raise self.livelock([self._names[self._ready[place]] for place in range(count)])
        self._instant_count += 1
        if count > 1 and self._draws is not None:
            chosen = self._draws.below(count)
        elif count > 1:
            chosen = self._choices.choose(count, "turn")
        cdef _Seat seat = <_Seat>self._seats[self._ready[chosen]]
        cdef str kind = ""
        try:
            if seat.courier is not None:
                rest = seat.courier._deliver()
                kind = seat.courier._kind
            else:
                rest = seat.process.step()
        except self._crash as crash:
            seat.process.restart()
            # What the process restarts (its informers) may have slept.
            self._wake_all()
            rest = f"crash: {crash}"
        now_ns = self._clock.now_ns() if self._moment is None else self._moment._now_ns
        if self._log is not None:
            self._log.close(now_ns, seat.name, kind, rest)
        else:
            self._trace.action(now_ns, seat.name, kind + rest)
        return True

    def livelock(self, busy):
        """The error that time stood still for too many steps; who makes a loop may say more."""
        return RuntimeError(f"{self._count_max} actions without time passing: {', '.join(busy)}")

    def time_passes(self):
        """Count the steps of an instant anew."""
        self._instant_count = 0

    def check_invariants(self):
        """Raise AssertionError unless everybody is awake or asleep once, in order. O(n log n)."""
        cdef _Seat seat
        places = [seat.place for seat in self._awake]
        assert sorted(places) == places, "who is awake is not in joining order"
        for asleep in self._asleep.values():
            places += [seat.place for seat in asleep]
        assert sorted(places) == list(range(len(self._seats))), "somebody is lost or twice"
        for seat in self._seats:
            own = seat.process.inboxes if seat.inboxes else ()
            assert len(own) == len(seat.inboxes), "inboxes were replaced"
            for one, other in zip(own, seat.inboxes, strict=True):
                assert one is other, "an inbox was replaced"
            if seat.inboxes and not _has_mail(seat.inboxes):
                assert not seat.process.ready(), "a process is ready for what lies in no inbox"
            if seat.backlog is not None:
                for one, other in zip(seat.process.backlog, seat.backlog, strict=True):
                    assert one is other, "a backlog was replaced"
                is_ready = not _has_work(seat.backlog) or seat.process.ready()
                assert is_ready, "a backlog is left lying"
            if seat.courier is not None and seat.courier._cursor is not None:
                ahead = cursors.count_ahead(seat.courier._cursor)
                assert seat.courier._ahead <= ahead, "a courier expects what is not there"

    cdef list _twins_of(self, list seats):
        cdef _Seat seat
        return [self._seats[seat.place] for seat in seats]

    cdef _wake_all(self):
        self._asleep = {}
        self._awake = list(self._seats)

    cdef int _wake(self) except -1:
        """Wake those who sleep on what was written to."""
        if self._log is None:
            for topic in self._trace.take_touched():
                self._rouse(topic)
        elif self._log.touched:
            for topic in self._log.touched:
                self._rouse(topic)
            self._log.touched.clear()
        return 0

    cdef int _rouse(self, topic) except -1:
        """Put those who sleep on a topic among those who are awake."""
        cdef _Seat seat
        cdef Py_ssize_t at
        if topic in self._asleep:
            for seat in self._asleep.pop(topic):
                at = len(self._awake)
                while at > 0 and (<_Seat>self._awake[at - 1]).place > seat.place:
                    at -= 1
                self._awake.insert(at, seat)
        return 0

    cdef Py_ssize_t _ask(self) except -1:
        """How many can take a step. Their places are in `_ready` then, in joining order."""
        cdef Py_ssize_t count = 0
        cdef list sleeping = None
        cdef _Seat seat
        cdef int mood
        self._wake()
        for seat in self._awake:
            mood = seat.mood()
            if mood == READY:
                self._ready[count] = seat.place
                count += 1
            elif mood == ASLEEP and seat.sleeps:
                self._asleep.setdefault(seat.process.topic, []).append(seat)
                sleeping = [seat] if sleeping is None else [*sleeping, seat]
        if sleeping is not None:
            self._awake = [seat for seat in self._awake if seat not in sleeping]
        return count
