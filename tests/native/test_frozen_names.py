"""Both kernels know the names of the domain name system."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
TEXTS = st.one_of(
    st.text(max_size=20),
    st.text("a0-.", max_size=20),
    st.text("a.", min_size=250, max_size=256),
    st.text("a\u00e4\u0430\U0001f600A/\n\x00", max_size=4),
)


@given(TEXTS)
@example("a" * 253)
@example("a" * 254)
@example("a--b.c-0")
@example("a.-b")
@example("a-.b")
def test_a_name_is_what_the_rule_says(kernel, text):
    is_one = re.fullmatch(rf"{LABEL}(\.{LABEL})*", text) is not None and len(text) <= 253
    assert kernel.is_dns_subdomain(text) is is_one


def test_a_subclass_of_text_is_one(kernel):
    word = type("Word", (str,), {})
    assert kernel.is_dns_subdomain(word("web-1"))
    assert not kernel.is_dns_subdomain(word("web-"))


@pytest.mark.parametrize("other", [None, b"web", 1])
def test_others_are_refused(kernel, other):
    with pytest.raises(TypeError):
        kernel.is_dns_subdomain(other)
