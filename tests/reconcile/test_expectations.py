"""What a controller waits to see before it acts again."""

from kcore.forking import ForkMemo
from kcore.reconcile.expectations import EXPECTATION_NS_MAX, Expectations


def test_creations_are_open_until_all_are_seen():
    expectations = Expectations()
    expectations.expect_creations("uid", 2, now_ns=0)

    assert not expectations.satisfied("uid", 1)
    expectations.creation_observed("uid")
    assert not expectations.satisfied("uid", 1)
    expectations.creation_observed("uid")
    assert expectations.satisfied("uid", 1)
    expectations.check_invariants()


def test_a_deletion_seen_twice_counts_once():
    expectations = Expectations()
    expectations.expect_deletions("uid", ["p1", "p2"], now_ns=0)
    expectations.deletion_observed("uid", "p1")
    expectations.deletion_observed("uid", "p1")

    assert not expectations.satisfied("uid", 1)
    expectations.deletion_observed("uid", "p2")
    assert expectations.satisfied("uid", 1)


def test_an_expectation_is_given_up_after_five_minutes():
    expectations = Expectations()
    expectations.expect_creations("uid", 1, now_ns=0)

    assert not expectations.satisfied("uid", EXPECTATION_NS_MAX)
    assert expectations.satisfied("uid", EXPECTATION_NS_MAX + 1)


def test_a_namesake_with_another_uid_does_not_inherit():
    expectations = Expectations()
    expectations.expect_creations("old-uid", 3, now_ns=0)

    assert expectations.satisfied("new-uid", 0)


def test_a_fork_waits_on_its_own():
    expectations = Expectations()
    expectations.expect_creations("uid", 1, now_ns=0)
    twin = ForkMemo()(expectations)
    twin.creation_observed("uid")

    assert twin.satisfied("uid", 0)
    assert not expectations.satisfied("uid", 0)
