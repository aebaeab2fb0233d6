"""The conformance runner: what nobody answers is never agreement, nor is a crash or a near miss."""

import gzip
import io
import json
import math
import tarfile

import pytest

from tests.conformance import comparison, records, runner, sampling
from tests.conformance.fidelity import Deviation, allowed, read_deviations
from tests.conformance.registry import Registry, UnsupportedError
from tests.conformance.runner import Tally, judge


def record(topic="t/one", given=1, out=None):
    return {
        "id": f"f/{topic}/0",
        "topic": topic,
        "in": given,
        "out": {"v": 1} if out is None else out,
    }


def judged(registry, one):
    tally = Tally()
    judge(registry, one, tally)
    return tally


def test_an_answer_agrees_when_it_is_the_same_json():
    registry = Registry("f")
    registry.answers("t/one")(lambda given: {"v": given})

    assert judged(registry, record()).agree == 1
    assert judged(registry, record(given=2)).disagree == 1


def test_what_nobody_answers_is_unsupported():
    registry = Registry("f")

    @registry.answers("t/two")
    def two(_given):
        raise UnsupportedError("no such kind")

    assert judged(registry, record()).to_dict() == {
        "records": 1,
        "agree": 0,
        "disagree": 0,
        "unsupported": 1,
    }
    tally = judged(registry, record("t/two"))
    assert (tally.unsupported, tally.missing) == (1, ["no such kind"])


def test_a_crash_is_a_wrong_answer():
    registry = Registry("f")
    registry.answers("t/one")(lambda given: given["missing"])
    tally = judged(registry, record())

    assert tally.disagree == 1
    assert "TypeError" in tally.first[0].actual["crash"]


def test_patterns_answer_what_no_exact_name_does():
    registry = Registry("f")
    registry.answers("t/*")(lambda _given: {"v": 0})
    registry.answers("t/one")(lambda _given: {"v": 1})

    assert judged(registry, record()).agree == 1
    assert judged(registry, record("t/two", out={"v": 0})).agree == 1


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (True, 1, False),
        (1.0, 1, True),
        ({"a": None}, {}, False),
        ([1, 2], [2, 1], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
    ],
)
def test_values_are_compared_as_json(left, right, same):
    assert comparison.same(left, right, prune=False) is same


def test_pruning_drops_null_and_empty_at_any_depth():
    full = {"a": None, "b": {"c": {}, "d": []}, "e": [{"f": None}]}

    assert comparison.pruned(full) == {"e": [{}]}
    assert comparison.same(full, {"e": [{}]}, prune=True)


def test_differences_name_the_place():
    lines = comparison.differences({"a": [1, {"b": 2}], "c": 3}, {"a": [1, {"b": 9}], "d": 4})

    assert lines == [
        "a[1].b: expected 2, got 9",
        "c: expected 3, absent",
        "d: not expected, got 4",
    ]


def test_a_run_reads_both_forms_and_reports_counts(tmp_path):
    folder = tmp_path / "nobody"
    folder.mkdir()
    (folder / "a.jsonl").write_text(json.dumps(record()) + "\n\n")
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(json.dumps(record("t/two")).encode()))
    report = runner.run(tmp_path, records.families(tmp_path))
    text = io.StringIO()
    runner.show(report, text)
    runner.write(report, tmp_path / "out" / "counts.json")

    assert json.loads((tmp_path / "out" / "counts.json").read_text()) == {
        "nobody": {
            topic: {"records": 1, "agree": 0, "disagree": 0, "unsupported": 1}
            for topic in ("t/one", "t/two")
        }
    }
    assert "1 unsupported" in text.getvalue()
    assert len(runner.failures(report, [])) == 2
    assert runner.failures(report, [Deviation("nobody", "t/*", 1, "why")]) == []


def test_an_archive_holds_one_record_per_object(tmp_path):
    folder = tmp_path / "nobody" / "forms"
    folder.mkdir(parents=True)
    names = ["v1.Pod", "apps.v1.Deployment"]
    rows = [{"name": "v1.Pod", "group": "", "version": "v1", "kind": "Pod"}]
    rows.append({**rows[0], "name": names[1], "group": "apps", "kind": "Deployment"})
    (folder / "index.json").write_text(json.dumps(rows))
    with tarfile.open(folder / "forms.tar.gz", "w:gz") as archive:
        for name in names:
            for form in ("json", "pb"):
                member = tarfile.TarInfo(f"{name}.{form}")
                member.size = len(name)
                archive.addfile(member, io.BytesIO(name.encode()))
    first, second = records.read(records.files(tmp_path / "nobody")[0])

    assert (first["id"], first["topic"]) == ("nobody/forms/v1.Pod", "forms")
    assert first["out"] == {"json": "v1.Pod", "pb": "djEuUG9k"}
    assert second["in"] == second["out"] | {"apiVersion": "apps/v1", "kind": "Deployment"}


def test_the_table_of_deviations_is_read(tmp_path):
    page = tmp_path / "fidelity.md"
    page.write_text(
        "text\n<!-- conformance -->\n| Family | Topic | Records | Why |\n|---|---|---|---|\n"
        "| f | `t/*` | 12 | because |\n| f | t/two | all | later |\n<!-- /conformance -->\n"
    )
    deviations = read_deviations(page)

    assert allowed(deviations, "f", "t/one") == 12
    assert allowed(deviations, "f", "t/two") == math.inf
    assert allowed(deviations, "g", "t/one") == 0
    assert read_deviations(tmp_path / "absent.md") == []


def test_a_row_without_a_reason_is_refused(tmp_path):
    page = tmp_path / "fidelity.md"
    page.write_text(
        "<!-- conformance -->\n|a|b|c|d|\n|-|-|-|-|\n| f | t | 1 | |\n<!-- /conformance -->"
    )

    with pytest.raises(ValueError, match="needs family, topic, number and reason"):
        read_deviations(page)


def test_the_sample_is_even_over_topics_and_stable():
    found = [{"id": f"{topic}/{n}", "topic": topic} for topic in ("a", "b") for n in range(50)]
    drawn = sampling.drawn(found, 5)

    assert [one["topic"] for one in drawn] == ["a"] * 5 + ["b"] * 5
    assert drawn == sampling.drawn(list(reversed(found)), 5)[::-1]
