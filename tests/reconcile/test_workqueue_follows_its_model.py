"""The queue against a slow obvious model: lists searched from front to back."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.forking import ForkMemo
from kcore.reconcile.workqueue import WorkQueue

KEYS = st.sampled_from(["default/a", "default/b", "default/c", "/d"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), KEYS),
        st.tuples(st.just("after"), KEYS, st.integers(0, 50)),
        st.tuples(st.just("get")),
        st.tuples(st.just("done"), KEYS),
        st.tuples(st.just("pass"), st.integers(0, 40)),
        st.tuples(st.just("fork")),
    ),
    max_size=60,
)


class Model:
    """client-go's promises, in the words of its comments."""

    def __init__(self):
        self.order, self.again, self.working, self.waiting = [], [], [], []

    def add(self, key):
        if key in self.working:
            if key not in self.again:
                self.again.append(key)
        elif key not in self.order:
            self.order.append(key)

    def after(self, key, delay, now, serial):
        if delay <= 0:
            self.add(key)
            return
        known = [entry for entry in self.waiting if entry[2] == key]
        if known and known[0][0] <= now + delay:
            return
        self.waiting = [entry for entry in self.waiting if entry[2] != key]
        self.waiting.append((now + delay, serial, key))

    def wake(self, now):
        for entry in sorted(self.waiting):
            if entry[0] <= now:
                self.waiting.remove(entry)
                self.add(entry[2])

    def get(self):
        if not self.order:
            return None
        key = self.order.pop(0)
        self.working.append(key)
        return key

    def done(self, key):
        if key in self.working:
            self.working.remove(key)
            if key in self.again:
                self.again.remove(key)
                self.order.append(key)


@given(STEPS)
@settings(max_examples=150)
def test_every_sequence_of_operations_answers_as_the_model(steps):
    queue, model, now = WorkQueue(), Model(), 0
    for serial, step in enumerate(steps):
        if step[0] == "add":
            queue.add(step[1])
            model.add(step[1])
        elif step[0] == "after":
            queue.add_after(step[1], step[2], now)
            model.after(step[1], step[2], now, serial)
        elif step[0] == "get":
            assert queue.get() == model.get()
        elif step[0] == "done" and step[1] in model.working:
            queue.done(step[1])
            model.done(step[1])
        elif step[0] == "pass":
            now += step[1]
            queue.wake(now)
            model.wake(now)
        elif step[0] == "fork":
            parent, queue = queue, ForkMemo()(queue)
            parent.add("default/only-the-parent")
        queue.check_invariants()
        assert len(queue) == len(model.order)
        assert queue.ready(now) == bool(model.order or any(e[0] <= now for e in model.waiting))
