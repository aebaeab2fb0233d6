"""Protobuf's wire: tags, varints, lengths, and skipping what nobody knows.

Upstream's generated code defines what is refused and in which words; every error also says at
which byte it was found. Nothing here knows a message.
"""

from typing import Final

VARINT: Final = 0
FIXED64: Final = 1
LENGTH: Final = 2
GROUP_START: Final = 3
GROUP_END: Final = 4
FIXED32: Final = 5

UNEXPECTED_END: Final = "unexpected EOF"
_UINT64: Final = (1 << 64) - 1
_INT64_SIGN: Final = 1 << 63
_ONE_BYTE: Final = tuple(bytes((number,)) for number in range(0x80))
_FIXED_BYTES: Final = {FIXED64: 8, FIXED32: 4}


class ProtobufError(ValueError):
    """Bytes that are no message of the expected type, or a value that has no protobuf form.

    `reason` is upstream's text, `offset` the byte where reading stopped.
    """

    def __init__(self, reason: str, offset: int = 0) -> None:
        super().__init__(f"{reason} (at byte {offset})")
        self.reason = reason
        self.offset = offset


def read_varint(data: bytes, position: int, end: int) -> tuple[int, int]:
    """The unsigned 64-bit number at `position`, and the position after it.

    Raises:
        ProtobufError: the bytes end inside it, or it has more than ten.
    """
    result = shift = 0
    start = position
    while position < end:
        byte = data[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result & _UINT64, position
        shift += 7
        if shift >= 70:
            raise ProtobufError("proto: integer overflow", start)
    raise ProtobufError(UNEXPECTED_END, end)


def read_span(data: bytes, position: int, end: int) -> tuple[int, int]:
    """Start and stop of the length-delimited bytes whose length stands at `position`.

    Raises:
        ProtobufError: the length is negative, or reaches beyond `end`.
    """
    if position < end and data[position] < 0x80:
        length, start = data[position], position + 1
    else:
        length, start = read_varint(data, position, end)
    if length >= _INT64_SIGN:
        raise ProtobufError("proto: negative length found during unmarshaling", position)
    if length > end - start:
        raise ProtobufError(UNEXPECTED_END, end)
    return start, start + length


def skip(data: bytes, position: int, end: int, tag: int) -> int:
    """The position after the value of `tag`; whole groups are skipped too. O(bytes).

    Raises:
        ProtobufError: the value is malformed, or ends a group that never began.
    """
    depth = 0
    start = position
    while True:
        wire = tag & 7
        if wire == VARINT:
            _, position = read_varint(data, position, end)
        elif wire == LENGTH:
            _, position = read_span(data, position, end)
        elif wire in _FIXED_BYTES:
            position += _FIXED_BYTES[wire]
            if position > end:
                raise ProtobufError(UNEXPECTED_END, end)
        elif wire == GROUP_START:
            depth += 1
        elif wire == GROUP_END:
            if depth == 0:
                raise ProtobufError("proto: unexpected end of group", start)
            depth -= 1
        else:
            raise ProtobufError(f"proto: illegal wireType {wire}", start - 1)
        if depth == 0:
            return position
        tag, position = read_varint(data, position, end)


def to_int64(number: int) -> int:
    """The signed number that 64 bits say."""
    return number - (1 << 64) if number >= _INT64_SIGN else number


def to_int32(number: int) -> int:
    """The signed number that the lower 32 bits say, as Go's conversion does."""
    number &= 0xFFFFFFFF
    return number - (1 << 32) if number >= 1 << 31 else number


def varint(number: int) -> bytes:
    """A number as a varint; negative ones take ten bytes."""
    if 0 <= number < 0x80:
        return _ONE_BYTE[number]
    number &= _UINT64
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def delimited(tag: bytes, body: bytes) -> bytes:
    """A length-delimited field: tag, length, bytes."""
    return tag + varint(len(body)) + body


def tag_bytes(number: int, wire: int) -> bytes:
    """The tag of field `number`."""
    return varint(number << 3 | wire)
