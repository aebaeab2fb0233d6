"""Every rule for texts answers any text, and its messages are texts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery import domain_names, formats, ip_address, names
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import is_dns_subdomain

VALIDATORS = [
    formats.dns1123_label,
    formats.dns1123_subdomain,
    formats.dns1123_subdomain_caseless,
    formats.dns1123_subdomain_with_underscore,
    formats.dns1035_label,
    formats.wildcard_dns1123_subdomain,
    formats.label_key,
    formats.prefixed_label_key,
    formats.label_value,
    formats.c_identifier,
    formats.decimal_integer,
    formats.port_name,
    formats.percent,
    formats.http_header_name,
    formats.http_path,
    formats.env_var_name,
    formats.relaxed_env_var_name,
    formats.config_map_key,
    formats.path_segment_name,
    names.subdomain_name,
    names.label_name,
    names.label_1035_name,
]
COLLECTORS = [
    domain_names.validate_fully_qualified_name,
    domain_names.validate_fully_qualified_domain_name,
    domain_names.validate_domain_prefixed_path,
    domain_names.validate_domain_prefixed_key,
    ip_address.validate_ip,
    ip_address.validate_cidr,
    ip_address.validate_legacy_ip,
    ip_address.validate_legacy_cidr,
    ip_address.validate_interface_address,
]
TEXTS = st.one_of(
    st.text(), st.text(alphabet="aZ0-._/*:%\n", max_size=12), st.sampled_from(["a" * 64, "é" * 40])
)


@pytest.mark.parametrize("validator", VALIDATORS, ids=lambda one: one.__name__)
@given(text=TEXTS)
def test_a_validator_answers_any_text(validator, text):
    messages = validator(text)

    assert all(isinstance(message, str) and message for message in messages)


@pytest.mark.parametrize("validate", COLLECTORS, ids=lambda one: one.__name__)
@given(text=TEXTS)
def test_a_collector_answers_any_text(validate, text):
    errors = FieldErrors()
    validate(text, errors, "spec.value")

    assert all(error.field == "spec.value" and str(error) for error in errors)


def test_a_newline_at_the_end_is_not_overlooked():
    assert formats.dns1123_label("web\n")
    assert formats.label_value("web\n")
    assert formats.config_map_key("key\n")


def test_lengths_are_bytes():
    assert formats.label_value("é" * 40)[0] == "must be no more than 63 bytes"


DOTTED = st.one_of(
    TEXTS, st.text(alphabet="a0-.", max_size=12), st.text("a.", min_size=252, max_size=254)
)


@given(text=DOTTED)
def test_a_subdomain_is_what_the_pattern_in_its_message_says(text):
    said = re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", text)
    is_one = said is not None and len(text) <= formats.SUBDOMAIN_LENGTH_MAX

    assert is_dns_subdomain(text) == is_one == (not formats.dns1123_subdomain(text))
