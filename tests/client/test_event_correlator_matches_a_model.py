"""The correlator's shortcuts decide what three plain lists and client-go's rules decide."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.client import event_correlator
from kcore.client.event_correlator import COMBINED_PREFIX, EventCorrelator
from kcore.forking import ForkMemo

REMEMBERED_COUNT = 3
SECOND_NS = 1_000_000_000


class Remembered:
    """The last few keys that were stored, oldest first."""

    def __init__(self):
        self.entries = []

    def get(self, key):
        return next((value for known, value in self.entries if known == key), None)

    def pop(self, key):
        self.entries = [entry for entry in self.entries if entry[0] != key]

    def store(self, key, value):
        self.pop(key)
        self.entries = [*self.entries, (key, value)][-REMEMBERED_COUNT:]


class Model:
    """client-go's aggregator, logger and spam filter, one after the other."""

    def __init__(self):
        self.similar, self.events, self.buckets = Remembered(), Remembered(), Remembered()

    def correlate(self, about, event_type, reason, message, now_ns):
        group = (about, event_type, reason)
        messages, last_ns = self.similar.get(group) or ((), now_ns)
        if now_ns - last_ns > 600 * SECOND_NS:
            messages = ()
        if message not in messages:
            messages = (*messages, message)
        combined = len(messages) >= 10
        self.similar.store(group, (messages[1:] if combined else messages, now_ns))
        key = group if combined else (group, message)
        tokens, filled_ns = self.buckets.get(about) or (25.0, now_ns)
        tokens = min(25.0, tokens + (now_ns - filled_ns) / (300 * SECOND_NS))
        self.buckets.store(about, (tokens - 1.0 if tokens >= 1.0 else tokens, now_ns))
        if tokens < 1.0:
            return None
        name, count = self.events.get(key) or ("", 0)
        return key, (COMBINED_PREFIX + message if combined else message), count + 1, name

    def written(self, key, times_count, name):
        self.events.store(key, (name, times_count))

    def forget(self, key):
        self.events.pop(key)


def say(correlator, model, said, now_ns, name=""):
    """What both decide on a remark, and whether the correlator took it for a first one.

    Then it is told the name of its event, too.
    """
    (about, event_type, reason), message = said
    decided = model.correlate(about, event_type, reason, message, now_ns)
    is_first = correlator.is_first(about[1], about, event_type, reason, message)
    if is_first:
        assert decided == (said, message, 1, "")
        correlator.first_said(about[1], (about, event_type, reason, message, now_ns, name))
    else:
        assert correlator.correlate((about, event_type, reason, message, now_ns)) == decided
    correlator.check_invariants()
    return decided, is_first


# Objects without a uid, and others that share one.
UIDS = {"c": None, "d": None, "e": "ua"}
ABOUT = [(name, UIDS.get(name, f"u{name}")) for name in "abcdefghij"]
FATES = ["write", "write", "write", "write", "refuse", "forget", "fork", "go back"]
remarks = st.tuples(
    st.sampled_from(ABOUT),
    st.sampled_from(["Normal", "Warning"]),
    st.sampled_from(["Pulled", "Failed"]),
    st.integers(0, 12).map(str),
    st.sampled_from([0, 0, 0, 1, 299, 300, 601]),
    st.sampled_from(FATES),
)
of_one_object = remarks.map(lambda remark: (ABOUT[0], "Normal", "Pulled", *remark[3:]))
of_one_kind = remarks.map(lambda remark: (remark[0], "Normal", "Pulled", "0", *remark[4:]))


@pytest.fixture(autouse=True, scope="module")
def _small_tables():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_correlator, "REMEMBERED_COUNT_MAX", REMEMBERED_COUNT)
        yield


@given(
    st.lists(remarks, max_size=60)
    | st.lists(of_one_object, max_size=60)
    | st.lists(of_one_kind, max_size=60)
)
def test_it_decides_as_the_model(said):
    correlator, model, now_ns, others = EventCorrelator(), Model(), 0, []
    for number, (about, event_type, reason, message, pause_s, fate) in enumerate(said):
        now_ns += pause_s * SECOND_NS
        name = "" if fate in {"refuse", "forget"} else f"event-{number}"
        said_now = ((about, event_type, reason), message)
        decided, is_first = say(correlator, model, said_now, now_ns, name)
        if decided is None or fate == "refuse":
            continue
        key, _, times_count, _ = decided
        if fate == "forget":
            model.forget(key)
        else:
            model.written(key, times_count, name)
        if not is_first and fate == "forget":
            correlator.forget(key)
        elif not is_first:
            correlator.written(key, times_count, name)
        if fate == "fork":
            others.append((correlator.fork(ForkMemo()), deepcopy(model)))
        elif fate == "go back" and others:
            others.insert(0, (correlator, model))
            correlator, model = others.pop()
    for one, _ in others:
        one.check_invariants()


def test_first_remarks_that_were_refused_leave_older_events_known():
    """Then objects are forgotten before what was written about them is."""
    correlator, model = EventCorrelator(), Model()
    for number, name in enumerate(["event", "", "", "", "", "", "", "event", "event", "event"]):
        remark = ((ABOUT[number], "Normal", "Pulled"), "said")
        decided, _ = say(correlator, model, remark, number, name)
        if name:
            model.written(decided[0], 1, name)
        again, _ = say(
            correlator.fork(ForkMemo()),
            deepcopy(model),
            ((ABOUT[0], *remark[0][1:]), "said"),
            number,
        )
        assert again[2:] == ((2, "event") if number < 9 else (1, ""))
