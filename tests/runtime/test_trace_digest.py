"""The digest covers everything; forks share the past and diverge after it."""

from kcore.forking import ForkMemo
from kcore.runtime.trace import Action, Trace, Write


def filled(*labels: str) -> Trace:
    trace = Trace()
    for time_ns, label in enumerate(labels):
        trace.write("create", "pods", label, time_ns, b"{}")
        trace.action(time_ns, "actor", label)
    return trace


def test_equal_histories_have_equal_digests() -> None:
    assert filled("a", "b").digest == filled("a", "b").digest


def test_every_part_of_an_action_counts() -> None:
    base = Trace()
    base.write("create", "pods", "a", 1, b"{}")
    base.action(5, "actor", "label")
    digests = {base.digest}
    variants = [
        ("update", "a", 1, b"{}", 5, "actor", "label"),
        ("create", "b", 1, b"{}", 5, "actor", "label"),
        ("create", "a", 2, b"{}", 5, "actor", "label"),
        ("create", "a", 1, b"[]", 5, "actor", "label"),
        ("create", "a", 1, b"{}", 6, "actor", "label"),
        ("create", "a", 1, b"{}", 5, "other", "label"),
        ("create", "a", 1, b"{}", 5, "actor", "other"),
    ]
    for verb, key, revision, content, time_ns, process, label in variants:
        trace = Trace()
        trace.write(verb, "pods", key, revision, content)
        trace.action(time_ns, process, label)
        digests.add(trace.digest)
    assert len(digests) == len(variants) + 1


def test_a_fork_shares_the_past_and_diverges() -> None:
    parent = filled("a", "b")
    before = parent.digest
    child = parent.fork(ForkMemo())
    assert child.digest == before
    child.action(9, "actor", "in the child")
    grandchild = child.fork(ForkMemo())
    parent.action(9, "actor", "in the parent")
    grandchild.action(10, "actor", "in the grandchild")
    assert [action.label for action in parent] == ["a", "b", "in the parent"]
    assert [action.label for action in child] == ["a", "b", "in the child"]
    labels = ["a", "b", "in the child", "in the grandchild"]
    assert [action.label for action in grandchild] == labels
    assert len(grandchild) == 4
    assert len({parent.digest, child.digest, grandchild.digest}) == 3


def test_writes_belong_to_the_action_that_made_them() -> None:
    trace = filled("a")
    assert list(trace) == [Action(0, "actor", "a", (Write("create", "pods/a", 0),))]
