"""One turn at a time: the compiled kernel; `reference/turns.py` explains it."""

from bisect import insort


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
    cdef object _refusal, _source
    cdef object _pending, _change  # Of the stream: two methods that are called every turn.

    def __init__(self, faults, watch, lister, refusal):
        self._faults = faults
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

    def ready(self):
        """Whether there is something to deliver and no fault holds it back."""
        if self._source is None:
            return self._may_list()
        if not self._pending():
            return False
        return not (self._faults.held and self._faults.is_held(self._watch))

    def asleep(self):
        """Whether it waits for a write. One whose watch is held back waits for a release."""
        return self._source is not None and not self._pending()

    def step(self):
        """Deliver one change, or list when there is no stream yet."""
        if self._source is None:
            return self._list()
        try:
            change = self._change()
        except self._refusal as error:
            return self._refused(error)
        if change is None:
            return "nothing to deliver"
        self._lister.seen = None
        new, old = change.value, change.previous_value
        cdef str kind
        if new is None:
            kind = "DELETED "
            for handler in self._handlers:
                handler.on_delete(old)
        elif old is None:
            kind = "ADDED "
            for handler in self._handlers:
                handler.on_add(new)
        else:
            kind = "MODIFIED "
            for handler in self._handlers:
                handler.on_update(old, new)
        cdef str key = change.key
        return kind + (key[1:] if key.startswith("/") else key)


cdef class TurnTaker:
    """Processes in joining order, who of them is awake, and whose turn it is."""

    cdef readonly object _clock, _choices, _trace
    cdef object _crash
    cdef Py_ssize_t _count_max, _instant_count
    cdef readonly list _processes, _names
    cdef list _sleeps, _inboxes, _backlogs, _awake
    cdef dict _asleep

    def __init__(self, clock, choices, trace, crash, Py_ssize_t count_max):
        self._clock = clock
        self._choices = choices
        self._trace = trace
        self._crash = crash
        self._count_max = count_max
        self._instant_count = 0
        self._processes, self._names, self._sleeps, self._inboxes = [], [], [], []
        self._awake, self._asleep, self._backlogs = [], {}, []

    def join(self, process, name, sleeps, tuple inboxes not None, tuple backlog=None):
        """Let a process take part; without inboxes it is asked at every turn."""
        self._awake.append(len(self._processes))
        self._processes.append(process)
        self._names.append(name)
        self._sleeps.append(sleeps)
        self._inboxes.append(inboxes)
        self._backlogs.append(backlog)

    def follow(self, TurnTaker other not None, twins):
        """Go on where `other` is, with twins of its processes. O(processes)."""
        self._processes = list(twins)
        self._names = list(other._names)
        self._sleeps = list(other._sleeps)
        self._inboxes = [
            twin.inboxes if known else ()
            for twin, known in zip(self._processes, other._inboxes, strict=True)
        ]
        self._backlogs = [
            twin.backlog if known is not None else None
            for twin, known in zip(self._processes, other._backlogs, strict=True)
        ]
        self._awake = list(other._awake)
        self._asleep = {topic: list(places) for topic, places in other._asleep.items()}
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
        cdef list ready = self._ready()
        cdef Py_ssize_t count = len(ready), place
        if not count:
            return False
        if self._instant_count >= self._count_max:
            raise self.livelock([self._names[place] for place in ready])
        self._instant_count += 1
        place = ready[0 if count == 1 else self._choices.choose(count, "turn")]
        process = self._processes[place]
        try:
            label = process.step()
        except self._crash as crash:
            process.restart()
            # What the process restarts (its informers) may have slept.
            self._wake_all()
            label = f"crash: {crash}"
        self._trace.action(self._clock.now_ns(), self._names[place], label)
        return True

    def livelock(self, busy):
        """The error that time stood still for too many steps; who makes a loop may say more."""
        return RuntimeError(f"{self._count_max} actions without time passing: {', '.join(busy)}")

    def time_passes(self):
        """Count the steps of an instant anew."""
        self._instant_count = 0

    def check_invariants(self):
        """Raise AssertionError unless everybody is awake or asleep once, in order. O(n log n)."""
        places = list(self._awake)
        assert sorted(places) == places, "who is awake is not in joining order"
        for asleep in self._asleep.values():
            places += asleep
        assert sorted(places) == list(range(len(self._processes))), "somebody is lost or twice"
        for process, inboxes in zip(self._processes, self._inboxes, strict=True):
            own = process.inboxes if inboxes else ()
            assert len(own) == len(inboxes), "inboxes were replaced"
            for one, other in zip(own, inboxes, strict=True):
                assert one is other, "an inbox was replaced"
            if inboxes and not _has_mail(inboxes):
                assert not process.ready(), "a process is ready for what lies in no inbox"
        for process, backlog in zip(self._processes, self._backlogs, strict=True):
            if backlog is not None:
                for one, other in zip(process.backlog, backlog, strict=True):
                    assert one is other, "a backlog was replaced"
                assert not _has_work(backlog) or process.ready(), "a backlog is left lying"

    cdef _wake_all(self):
        self._asleep = {}
        self._awake = list(range(len(self._processes)))

    cdef list _ready(self):
        """The places of everybody who can take a step, in joining order."""
        cdef Py_ssize_t place
        cdef tuple inboxes, backlog
        cdef list ready = [], sleeping = None
        for topic in self._trace.take_touched():
            for slept in self._asleep.pop(topic, ()):
                insort(self._awake, slept)
        for at in self._awake:
            place = at
            inboxes = <tuple>self._inboxes[place]
            if inboxes and not _has_mail(inboxes):
                continue
            backlog = <tuple>self._backlogs[place]
            if backlog is not None and _has_work(backlog):
                ready.append(at)
                continue
            process = self._processes[place]
            if process.ready():
                ready.append(at)
            elif self._sleeps[place] and process.asleep():
                self._asleep.setdefault(process.topic, []).append(at)
                if sleeping is None:
                    sleeping = []
                sleeping.append(at)
        if sleeping is not None:
            self._awake = [at for at in self._awake if at not in sleeping]
        return ready
