"""What is counted from events read together is what a look at each pod finds."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.machinery.watch_event import Change, drained
from kcore.scheduler_perf.pod_progress import ATTEMPTED, SCHEDULED, PodProgress

NAMESPACES = ("blue", "red")
STATES = ("gone", "waiting", "told", "tried", "placed", "tried and placed")


def pod(namespace, name, state):
    """A pod in this state, or None."""
    conditions = {"told": [{"type": "Ready"}], "waiting": []}
    return freeze(
        None
        if state == "gone"
        else {
            "metadata": {"namespace": namespace, "name": name},
            "spec": {"nodeName": "node"} if "placed" in state else {},
            "status": {"conditions": conditions.get(state, [{"type": "PodScheduled"}])},
        }
    )


@dataclass
class Stream:
    """Hands out what was put into it."""

    events: list

    def change(self):
        return self.events.pop(0) if self.events else None

    def drain(self):
        return drained(self.change)


MOVES = st.lists(
    st.tuples(st.sampled_from(NAMESPACES), st.sampled_from("abc"), st.sampled_from(STATES)),
    max_size=20,
)


@given(st.lists(MOVES, max_size=5))
def test_counts_are_those_of_the_pods_there_are(batches):
    stream, states, ever, observed = Stream([]), {}, [], []
    progress = PodProgress(stream)
    progress.observe(lambda namespace, pods: observed.extend((namespace, one) for one in pods))
    for batch in batches:
        for namespace, name, state in batch:
            before = states.get((namespace, name), "gone")
            states[namespace, name] = state
            old, new = pod(namespace, name, before), pod(namespace, name, state)
            if old is not None or new is not None:
                stream.events.append(Change(f"{namespace}/{name}", new, old))
            if "placed" in state and "placed" not in before:
                ever.append((namespace, new))
        progress.catch_up()
        assert observed == ever
        for namespace in NAMESPACES:
            there = [state for (where, _), state in states.items() if where == namespace]
            never_tried = there.count("waiting") + there.count("told")
            assert progress.unfinished([namespace], ATTEMPTED) == never_tried
            assert progress.unfinished([namespace], SCHEDULED) == never_tried + there.count("tried")
            assert progress.ever_scheduled(namespace) == [one for one, _ in ever].count(namespace)
