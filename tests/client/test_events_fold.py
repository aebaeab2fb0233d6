"""Events are folded, combined and rationed as client-go's correlator does."""

import pytest

from kcore.client.event_recorder import EventRecorder
from kcore.errors import internal_error
from kcore.forking import ForkMemo
from kcore.runtime.clock import SECOND_NS
from kcore.runtime.faults import Effect, Fault
from kcore.testing.builders import pod


@pytest.fixture
def web(api):
    return api.client.create(pod("web"))


@pytest.fixture
def recorder(api):
    return EventRecorder(api.client, api.clock, "default-scheduler")


def told(api) -> list[tuple[str, int]]:
    return sorted((event.message, event["count"]) for event in api.client.list("events"))


def test_an_event_names_its_object_and_source(api, recorder, web) -> None:
    recorder.event(web, "Warning", "FailedScheduling", "no nodes")
    (event,) = api.client.list("events")
    assert event.involvedObject == {
        "apiVersion": "v1",
        "kind": "Pod",
        "name": "web",
        "namespace": "default",
        "uid": web.metadata.uid,
    }
    assert (event.type, event.reason, event["count"]) == ("Warning", "FailedScheduling", 1)
    assert event.source.component == event.reportingComponent == "default-scheduler"
    assert event.firstTimestamp == event.lastTimestamp == "2026-01-01T00:00:00Z"
    assert event.metadata.name.startswith("web.")


def test_the_same_words_raise_the_count(api, recorder, web) -> None:
    recorder.event(web, "Normal", "Pulled", "image pulled")
    api.clock.advance_to(api.clock.now_ns() + 60 * SECOND_NS)
    recorder.event(web, "Normal", "Pulled", "image pulled")
    (event,) = api.client.list("events")
    assert event["count"] == 2
    assert event.firstTimestamp == "2026-01-01T00:00:00Z"
    assert event.lastTimestamp == "2026-01-01T00:01:00Z"


def test_ten_similar_events_are_combined(api, recorder, web) -> None:
    for number in range(12):
        recorder.event(web, "Normal", "Created", f"pod {number:02}")
    single = [(f"pod {number:02}", 1) for number in range(9)]
    assert told(api) == [("(combined from similar events): pod 11", 3), *single]


def test_one_source_has_25_remarks_about_one_object(api, recorder, web) -> None:
    for number in range(40):
        recorder.event(web, "Normal", "Created", f"pod {number:02}")
    assert sum(count for _, count in told(api)) == 25
    api.clock.advance_to(api.clock.now_ns() + 300 * SECOND_NS)
    recorder.event(web, "Normal", "Other", "one more after five minutes")
    assert ("one more after five minutes", 1) in told(api)


def test_other_objects_are_not_rationed(api, recorder, web) -> None:
    for _ in range(30):
        recorder.event(web, "Normal", "Again", "again")
    other = api.client.create(pod("other"))
    recorder.event(other, "Normal", "Again", "again")
    assert told(api) == [("again", 1), ("again", 25)]


def test_a_vanished_event_is_written_anew(api, recorder, web) -> None:
    recorder.event(web, "Normal", "Pulled", "image pulled")
    (event,) = api.client.list("events")
    api.client.delete("events", event.metadata.name, "default")
    recorder.event(web, "Normal", "Pulled", "image pulled")
    assert len(told(api)) == 1


def test_a_refused_event_changes_nothing_for_its_author(api, recorder, web) -> None:
    api.faults.inject(Fault("tester/create/events", Effect.REFUSE, error=internal_error("x")))
    recorder.event(web, "Normal", "Pulled", "lost")
    recorder.event(web, "Normal", "Pulled", "kept")
    assert told(api) == [("kept", 1)]


def test_a_fork_counts_on_its_own(api, recorder, web) -> None:
    recorder.event(web, "Normal", "Pulled", "image pulled")
    memo = ForkMemo()
    client, twin = memo(api.client), memo(recorder)
    twin.event(web, "Normal", "Pulled", "image pulled")
    assert [event["count"] for event in client.list("events")] == [2]
    assert told(api) == [("image pulled", 1)]


def test_components_that_speak_at_the_same_instant_are_all_heard(api, web) -> None:
    for component in ("default-scheduler", "kubelet", "replicaset-controller"):
        EventRecorder(api.client, api.clock, component).event(web, "Normal", "Seen", component)
    assert told(api) == [("default-scheduler", 1), ("kubelet", 1), ("replicaset-controller", 1)]
