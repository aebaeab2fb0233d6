"""Recorded histories: the checker's verdict, with the words of the record where it agrees."""

from kcore.testing.history.check import check_history
from kcore.testing.history.records import History


def verdict(record):
    """Lawful or not, why (the label) and where; only the record's prose is taken over."""
    violations = check_history(History.from_dict(record["in"]["history"]))
    if not violations:
        return {"lawful": True}
    found = {"lawful": False, "kind": violations[0].kind, "where": violations[0].where}
    expected = record["out"]
    if all(expected.get(name) == value for name, value in found.items()):
        return expected
    return found | {"reason": violations[0].reason}
