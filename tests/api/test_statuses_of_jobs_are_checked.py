"""The status of a Job: what does not belong together is refused when it changes."""

import pytest

from kcore.api.rules import rules_for
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import freeze
from tests.api.answers import new_object

START = "2026-01-01T00:00:00Z"
END = "2026-01-01T01:00:00Z"


def true(*kinds):
    return [{"type": kind, "status": "True"} for kind in kinds]


def problems(new, old=None, spec=None):
    before, after = (
        freeze(new_object("batch/v1", "Job", spec=spec or {}, status=status))
        for status in (old or {}, new)
    )
    errors = FieldErrors()
    rules_for("batch", "Job").validate_status(after, before, errors)
    return [str(error) for error in errors]


COMPLETE = {
    "conditions": true("Complete", "SuccessCriteriaMet"),
    "startTime": START,
    "completionTime": END,
}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (COMPLETE, []),
        (
            {**COMPLETE, "active": 1},
            ["status.active: Invalid value: 1: active>0 is invalid for finished job"],
        ),
        (
            {**COMPLETE, "completionTime": None},
            ["status.completionTime: Required value: completionTime is required for Complete jobs"],
        ),
        (
            {"conditions": true("Failed"), "startTime": START},
            [
                "status.conditions: Invalid value: cannot set Failed=True condition without the "
                "FailureTarget=true condition"
            ],
        ),
        (
            {"active": 1, "ready": 2},
            ["status.ready: Invalid value: 2: cannot set more ready pods than active"],
        ),
        (
            {"completedIndexes": "0"},
            [
                'status.completedIndexes: Invalid value: "0": cannot set non-empty '
                "completedIndexes when non-indexed completion mode"
            ],
        ),
    ],
)
def test_what_does_not_belong_together_is_refused(status, expected):
    assert problems({key: value for key, value in status.items() if value is not None}) == expected


def test_what_has_ended_stays_so():
    assert problems({**COMPLETE, "conditions": true("SuccessCriteriaMet")}, COMPLETE) == [
        'status.completionTime: Invalid value: "2026-01-01T01:00:00Z": cannot set completionTime '
        "when there is no Complete=True condition",
        "status.conditions: Invalid value: cannot disable the terminal Complete=True condition",
    ]


def test_an_old_fault_does_not_stop_other_changes():
    faulty = {"completedIndexes": "0"}

    assert problems({**faulty, "active": 1}, faulty) == []


def test_no_index_both_fails_and_completes():
    spec = {"completions": 5, "completionMode": "Indexed", "backoffLimitPerIndex": 1}

    assert problems({"completedIndexes": "0-2", "failedIndexes": "1-3"}, spec=spec) == [
        'status.failedIndexes: Invalid value: "1-3": failedIndexes and completedIndexes overlap at '
        "index: 1"
    ]
