"""Counting by standing says what counting pod by pod says, and knows when it must not answer."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.controllers.pod_condition import is_active, is_ready, is_terminal, is_terminating
from kcore.controllers.replica_set.counts import (
    count_by_standing,
    count_pods,
    standing_of,
    tally,
)
from kcore.controllers.replica_set.plan import ReplicaCounts
from kcore.machinery.frozen import freeze
from kcore.machinery.labels import from_label_selector
from kcore.reconcile.ownership import controller_uid

OWNER = freeze(
    {
        "metadata": {"uid": "own"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web", "tier": "front"}}},
        },
    }
)
LABELS = {"app": "web", "tier": "front"}
ONLY_APP = {"app": "web"}
STRANGE = {"app": "db"}

SELECTOR = from_label_selector(OWNER["spec"]["selector"])


@st.composite
def pods(draw):
    metadata = {"labels": draw(st.sampled_from([LABELS, ONLY_APP, STRANGE, {}]))}
    owner = draw(st.sampled_from(["own", "own", "own", "other", ""]))
    if owner:
        metadata["ownerReferences"] = [{"uid": owner, "controller": True}]
    if draw(st.booleans()):
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    status = {"phase": draw(st.sampled_from(["Pending", "Running", "Failed", "Succeeded"]))}
    if draw(st.booleans()):
        ready = draw(st.sampled_from(["True", "False"]))
        status["conditions"] = [{"type": "Ready", "status": ready}]
    return freeze({"metadata": metadata, "status": status})


def matches(pod):
    return SELECTOR.matches(pod.at("metadata", "labels"))


@given(st.lists(st.lists(pods(), max_size=6), max_size=4))
@settings(max_examples=200, deadline=None)
def test_standings_add_up_to_what_looking_at_each_pod_finds(runs):
    everything = [pod for run in runs for pod in run]
    own = [pod for pod in everything if controller_uid(pod) == "own"]
    active = [pod for pod in own if is_active(pod)]
    counts = count_by_standing(OWNER, SELECTOR, [tally(run) for run in runs])

    if not all(map(matches, active)):
        assert counts is None
        return
    going = [pod for pod in own if is_terminating(pod) and not is_terminal(pod) and matches(pod)]
    labeled = [pod for pod in active if pod.at("metadata", "labels", "tier") == "front"]
    ready = len([pod for pod in active if is_ready(pod)])
    assert counts == ReplicaCounts(len(active), len(labeled), ready, ready, len(going))
    assert counts == count_pods(OWNER, active, len(going), 0)


def test_pods_wait_to_be_available_one_by_one():
    owner = OWNER.set(("spec", "minReadySeconds"), 10)
    since = {"type": "Ready", "status": "True", "lastTransitionTime": "1970-01-01T00:00:05Z"}
    pod = freeze({"metadata": {"labels": LABELS}, "status": {"conditions": [since]}})
    before, after = (count_pods(owner, [pod], 0, at_s * 10**9) for at_s in (14, 15))
    assert (before.ready, before.available) == (1, 0)
    assert (after.ready, after.available) == (1, 1)


def test_versions_of_a_pod_stand_on_their_own():
    old = freeze({"metadata": {"labels": LABELS}, "status": {"phase": "Running"}})
    new = old.set(("status", "phase"), "Failed")
    assert [standing_of(old).stage, standing_of(new).stage] == ["pending", "ended"]
