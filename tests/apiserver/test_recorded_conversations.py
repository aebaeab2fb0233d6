"""A sample of conversations with a real API server, answered the same way.

The whole family is played by `python -m tests.conformance`; this sample guards what agrees.
"""

from pathlib import Path

import pytest

from tests.conformance import records
from tests.conformance.transcript import conversation

SAMPLE = Path(__file__).parents[1] / "conformance/vectors/transcript/sample.jsonl.gz"
RECORDS = list(records.read(SAMPLE))


@pytest.mark.parametrize("record", RECORDS, ids=[record["id"] for record in RECORDS])
def test_the_answers_are_upstreams(record):
    assert conversation(record) is record["out"]


def test_a_wrong_answer_is_noticed():
    """The comparison itself can fail."""
    record = RECORDS[0]
    responses = [{**one, "code": 599} for one in record["out"]["responses"]]

    answer = conversation({**record, "out": {"responses": responses}})

    assert answer["request"] == 0
    assert "599" in answer["difference"]
