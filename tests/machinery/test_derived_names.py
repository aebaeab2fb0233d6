"""Names made of other names: numbered pods, their claims, and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.names import (
    claim_name,
    indexed_pod_prefix,
    ordinal_name,
    parent_and_ordinal,
    service_prefix,
)

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)


@given(NAMES, st.integers(0, 2**31 - 1))
def test_parent_and_ordinal_are_found_again(parent, ordinal):
    assert parent_and_ordinal(ordinal_name(parent, ordinal)) == (parent, ordinal)
    assert claim_name("data", parent, ordinal) == f"data-{ordinal_name(parent, ordinal)}"


@pytest.mark.parametrize(
    ("name", "found"), [("web", ("", -1)), ("web-x", ("", -1)), ("web-4294967296", ("web", -1))]
)
def test_a_name_without_ordinal_has_none(name, found):
    assert parent_and_ordinal(name) == found


@given(NAMES.map(lambda name: name * 9), st.integers(0, 10**9))
def test_an_index_is_never_cut_off(job, index):
    prefix = indexed_pod_prefix(job, index)

    assert prefix.endswith(f"-{index}-")
    assert len(prefix) <= 58


def test_a_service_gets_a_dash_where_one_may_stand():
    assert service_prefix("web") == "web-"
    assert service_prefix("-web") == "-web"
