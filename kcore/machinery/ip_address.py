"""IP addresses and CIDR blocks as texts: which are accepted, which draw a warning.

Old fields take addresses as Go once read them: octets with leading zeros, IPv4 inside IPv6. New
fields want the one canonical form. Both readings start from the same sloppy parser.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.go_text import quote

_OCTETS: Final = re.compile(r"[0-9]+(?:\.[0-9]+){3}", re.ASCII)
_GROUPS: Final = re.compile(r"[0-9a-fA-F]+(?::[0-9a-fA-F]+)*", re.ASCII)
_DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)
_LEADING_ZERO: Final = re.compile(r"(?:^|[.:])0[0-9]+(?=\.|$)", re.ASCII)
_LONG_GROUP: Final = re.compile(r"[0-9a-fA-F]{5}", re.ASCII)
_MAPPED: Final = 0xFFFF
_V4_BITS: Final = 32
_V6_BITS: Final = 128
_GROUPS_COUNT: Final = 8

_NO_IP: Final = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
_NO_CIDR: Final = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
_NO_INTERFACE: Final = "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)"


@dataclass(frozen=True, slots=True)
class Address:
    """An address as sloppily read. `number` has `bits` bits: those of the text's family."""

    number: int
    bits: int
    is_strict: bool

    @property
    def is_mapped(self) -> bool:
        """Whether it is an IPv4 address written as IPv6 (`::ffff:1.2.3.4`)."""
        return self.bits == _V6_BITS and self.number >> _V4_BITS == _MAPPED

    @property
    def is_v4(self) -> bool:
        """Whether Go's net package takes it for IPv4."""
        return self.bits == _V4_BITS or self.is_mapped

    def __str__(self) -> str:
        if self.is_v4:
            return str(IPv4Address(self.number & 0xFFFF_FFFF))
        return str(IPv6Address(self.number))


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    """Read an address sloppily; None if there is none. O(length)."""
    marks = (mark for mark in text if mark in ".:")
    number = {".": _v4_number, ":": _v6_number}.get(next(marks, ""), _no_number)(text)
    if number is None:
        return None
    is_strict = not (_LEADING_ZERO.search(_tail(text)) or _LONG_GROUP.search(text))
    return Address(number, _V6_BITS if ":" in text else _V4_BITS, is_strict)


def _no_number(_text: str) -> None:
    return None


def _tail(text: str) -> str:
    """The part with dots, the only one in which leading zeros matter."""
    tail = text.rpartition(":")[2]
    return tail if "." in tail else ""


def _v4_number(text: str) -> int | None:
    if not _OCTETS.fullmatch(text):
        return None
    number = 0
    for part in text.split("."):
        octet = part.lstrip("0") or "0"
        if len(octet) > 3 or int(octet) > 0xFF:
            return None
        number = number << 8 | int(octet)
    return number


def _v6_number(text: str) -> int | None:
    head, ellipsis, tail = text.partition("::")
    before = _group_numbers(head, is_last=not ellipsis)
    after = _group_numbers(tail, is_last=True)
    if before is None or after is None:
        return None
    missing = _GROUPS_COUNT - len(before) - len(after)
    # The ellipsis stands for one group at least; without it nothing may be missing.
    if missing < 1 if ellipsis else missing:
        return None
    number = 0
    for group in (*before, *([0] * missing), *after):
        number = number << 16 | group
    return number


def _group_numbers(text: str, *, is_last: bool) -> list[int] | None:
    """The 16-bit groups of a part without ellipsis; the last part may end in an IPv4 address."""
    if not text:
        return []
    groups, _, last = text.rpartition(":") if is_last and "." in text else (text, "", "")
    found: list[int] = []
    if groups:
        if not _GROUPS.fullmatch(groups):
            return None
        for group in groups.split(":"):
            digits = group.lstrip("0") or "0"
            if len(digits) > 4:
                return None
            found.append(int(digits, 16))
    if last:
        number = _v4_number(last)
        if number is None:
            return None
        found.extend(divmod(number, 1 << 16))
    return found


@dataclass(frozen=True, slots=True)
class Block:
    """An address with a prefix length: a subnet, or an interface's address."""

    address: Address
    prefix: int
    is_strict: bool

    @property
    def network(self) -> Address:
        """The address with everything beyond the prefix cleared."""
        spare = self.address.bits - self.prefix
        number = self.address.number >> spare << spare
        return Address(number, self.address.bits, self.address.is_strict)

    def has_inside(self, other: "Block") -> bool:
        """Whether the other subnet is a part of this one, and smaller."""
        if self.address.is_v4 != other.address.is_v4 or self.prefix >= other.prefix:
            return False
        spare = self.address.bits - self.prefix
        inside = other.network.number >> spare == self.address.number >> spare
        return self.address.bits == other.address.bits and inside

    def __str__(self) -> str:
        network = self.network
        prefix = self.prefix - (_V6_BITS - _V4_BITS) if network.is_mapped else self.prefix
        return f"{network}/{prefix}"


def parse_block(text: str) -> Block | None:
    """Read `address/prefix` sloppily; None if there is none."""
    head, slash, tail = text.partition("/")
    address = parse_address(head)
    if address is None or not slash or not _DIGITS.fullmatch(tail):
        return None
    digits = tail.lstrip("0") or "0"
    if len(digits) > 3 or int(digits) > address.bits:
        return None
    return Block(address, int(digits), address.is_strict and digits == tail)


def validate_ip(value: str, errors: FieldErrors, path: str) -> None:
    """A field that takes canonical addresses only."""
    address = _strict_address(value, errors, path, strict=True)
    if address is not None and value != str(address):
        errors.invalid(path, value, _canonical(str(address)))


def validate_legacy_ip(
    value: str, errors: FieldErrors, path: str, *, strict: bool = False, old: tuple[str, ...] = ()
) -> None:
    """A field older than the strict rule; values in `old` were there before and stay."""
    if value not in old:
        _strict_address(value, errors, path, strict=strict)


def _strict_address(value: str, errors: FieldErrors, path: str, *, strict: bool) -> Address | None:
    address = parse_address(value)
    if address is None:
        errors.invalid(path, value, _NO_IP)
        return None
    if not strict:
        return address
    if not address.is_strict:
        errors.invalid(path, value, "must not have leading 0s")
        return None
    if address.is_mapped:
        errors.invalid(path, value, "must not be an IPv4-mapped IPv6 address")
        return None
    return address


def validate_cidr(value: str, errors: FieldErrors, path: str) -> None:
    """A field that takes canonical subnets only."""
    block = _strict_block(value, errors, path, strict=True)
    if block is not None and value != str(block):
        errors.invalid(path, value, _canonical(str(block)))


def validate_legacy_cidr(
    value: str, errors: FieldErrors, path: str, *, strict: bool = False, old: tuple[str, ...] = ()
) -> None:
    """A field older than the strict rule; values in `old` were there before and stay."""
    if value not in old:
        _strict_block(value, errors, path, strict=strict)


def _strict_block(value: str, errors: FieldErrors, path: str, *, strict: bool) -> Block | None:
    block = parse_block(value)
    if block is None:
        errors.invalid(path, value, _NO_CIDR)
        return None
    if not strict:
        return block
    problem = ""
    if not block.is_strict:
        problem = "must not have leading 0s in IP or prefix length"
    elif block.address.is_mapped:
        problem = "must not have an IPv4-mapped IPv6 address"
    elif block.network.number != block.address.number:
        problem = "must not have bits set beyond the prefix length"
    if problem:
        errors.invalid(path, value, problem)
        return None
    return block


def validate_interface_address(value: str, errors: FieldErrors, path: str) -> None:
    """A canonical address with its subnet's prefix length."""
    block = parse_block(value)
    if block is None:
        errors.invalid(path, value, _NO_INTERFACE)
        return
    prefix = block.prefix
    if block.address.is_v4 and prefix > _V4_BITS:
        prefix -= _V6_BITS - _V4_BITS
    canonical = f"{block.address}/{prefix}"
    if value != canonical:
        errors.invalid(path, value, _canonical(canonical))


def _canonical(form: str) -> str:
    return f"must be in canonical form ({quote(form)})"


def ip_warnings(value: str, path: str) -> list[str]:
    """What to warn of in an address that an old field accepted."""
    address = parse_address(value)
    if address is None:
        return []
    if not address.is_strict or address.is_mapped:
        better = quote(str(address))
        return [f"{path}: non-standard IP address {quote(value)} is invalid: use {better}"]
    return _form_warnings("IPv6 address", value, str(address), address, path)


def cidr_warnings(value: str, path: str) -> list[str]:
    """What to warn of in a block that an old field accepted."""
    block = parse_block(value)
    if block is None:
        return []
    warnings: list[str] = []
    form = quote(str(block))
    if block.network.number != block.address.number:
        single = quote(f"{block.address}/{block.address.bits}")
        choice = f"(should be {form} or {single}?)"
        warnings.append(f"{path}: CIDR value {quote(value)} is ambiguous in this context {choice}")
    if not block.is_strict or block.address.is_mapped:
        message = f"{path}: non-standard CIDR value {quote(value)} is invalid: use {form}"
        warnings.append(message)
    return warnings or _form_warnings("IPv6 CIDR value", value, str(block), block.address, path)


def _form_warnings(noun: str, value: str, form: str, address: Address, path: str) -> list[str]:
    if address.is_v4 or value == form:
        return []
    rule = f"should be in RFC 5952 canonical format ({quote(form)})"
    return [f"{path}: {noun} {quote(value)} {rule}"]
