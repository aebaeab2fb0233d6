"""IP addresses: the sloppy reader against Python's strict one, and the canonical forms."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.ip_address import (
    cidr_warnings,
    ip_warnings,
    parse_address,
    parse_block,
    validate_cidr,
    validate_ip,
)

ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


def is_valid(validate, text):
    errors = FieldErrors()
    validate(text, errors, "spec.ip")
    return not errors


@given(ADDRESSES)
def test_what_python_prints_is_read_back(address):
    parsed = parse_address(str(address))

    assert parsed is not None
    assert parsed.number == int(address)
    assert parsed.is_strict
    if parsed.bits == 32 or not parsed.is_mapped:
        assert str(parsed) == str(address)
        assert is_valid(validate_ip, str(address))


@given(st.text(alphabet="0123456789abcdefF:.", max_size=20))
def test_whatever_python_accepts_the_sloppy_reader_accepts(text):
    try:
        number = int(ipaddress.ip_address(text))
    except ValueError:
        return
    parsed = parse_address(text)
    assert parsed is not None
    assert parsed.number == number


@given(ADDRESSES, st.integers(0, 128))
def test_a_network_is_canonical_and_an_address_inside_it_is_not(address, prefix):
    prefix = min(prefix, address.max_prefixlen)
    network = ipaddress.ip_network((int(address), prefix), strict=False)
    if address.version == 6:
        network = ipaddress.IPv6Network((int(address), prefix), strict=False)
        if int(network.network_address) >> 32 == 0xFFFF:
            return
    block = parse_block(f"{address}/{prefix}")

    assert block is not None
    assert str(block) == str(network)
    assert is_valid(validate_cidr, str(network))
    if network.network_address != address:
        assert not is_valid(validate_cidr, f"{address}/{prefix}")


@pytest.mark.parametrize("text", ["010.1.2.3", "::ffff:1.2.3.4", "00001::"])
def test_old_forms_draw_a_warning_and_are_refused_where_new(text):
    assert ip_warnings(text, "spec.ip")
    assert not is_valid(validate_ip, text)


def test_a_block_with_spare_bits_is_ambiguous():
    (warning,) = cidr_warnings("10.0.0.1/8", "spec.cidr")

    assert warning == (
        'spec.cidr: CIDR value "10.0.0.1/8" is ambiguous in this context '
        '(should be "10.0.0.0/8" or "10.0.0.1/32"?)'
    )
