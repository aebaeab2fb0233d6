"""Instants are named by the time, and by the next one free where time stands still."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

TIMES = st.one_of(st.integers(0, 20), st.integers(-(2**63), 2**63 - 1))
PREFIXES = st.sampled_from(["", "web", "é", "pod-ж", "pod-𝄞"])


@given(st.lists(st.tuples(PREFIXES, TIMES, st.booleans()), max_size=40))
def test_each_is_later_than_the_last(instants_kernel, asked):
    instants, last = instants_kernel.Instants(), 0
    for prefix, now_ns, is_copied in asked:
        if is_copied:
            former, instants = instants, instants.copy()
            if last < 2**63 - 1:
                former.name("another", 0)  # Changes nothing on this side.
        if last == 2**63 - 1:
            with pytest.raises(OverflowError):
                instants.name(prefix, now_ns)
            continue
        last = max(now_ns, last + 1)
        assert instants.name(prefix, now_ns) == f"{prefix}.{last:x}"


@pytest.mark.parametrize("now_ns", [2**63, -(2**63) - 1])
def test_more_than_64_bits_are_refused(instants_kernel, now_ns):
    instants = instants_kernel.Instants()
    with pytest.raises(OverflowError):
        instants.name("web", now_ns)
    assert instants.name("web", 0) == "web.1"
