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
