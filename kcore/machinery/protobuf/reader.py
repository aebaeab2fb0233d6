"""Messages to JSON values, along the Go types of the API.

Each struct has a table from tag to a small function that reads one field (`field_reading`);
tables are made on first use. What comes out is what upstream would write as JSON after reading
the same bytes: zero values vanish under `omitempty` and are written without it. Unknown fields
are skipped, and messages that come in pieces are merged, as upstream's generated code does.
"""

from binascii import b2a_base64
from collections.abc import Callable
from functools import cache, cached_property
from typing import Any, Final

from kcore.limits import PROTOBUF_NESTING_COUNT_MAX
from kcore.machinery.protobuf import field_reading
from kcore.machinery.protobuf.envelope import is_protobuf, open_envelope
from kcore.machinery.protobuf.field_reading import FieldReader, SpanReader
from kcore.machinery.protobuf.schema_forms import SCHEMA_READERS
from kcore.machinery.protobuf.special_reading import (
    SPECIAL_READERS,
    SpecialReader,
    json_value,
    raw_span,
    text,
)
from kcore.machinery.protobuf.wire import (
    FIXED64,
    GROUP_END,
    LENGTH,
    VARINT,
    ProtobufError,
    read_span,
    read_varint,
    skip,
    to_int32,
    to_int64,
)
from kcore.machinery.protobuf.wire_types import (
    WRAPPED_LISTS,
    numbered_fields,
    wire_of,
    wire_type_name,
)
from kcore.machinery.schema import default_decoder
from kcore.machinery.schema_types import FieldSchema, TypeRef

_JSON_SCHEMA: Final = "apiextensions/v1.JSONSchemaProps"
_CONVERT: Final[dict[str, Callable[[int], Any]]] = {
    "bool": bool,
    "int": to_int64,
    "int32": to_int32,
    "int64": to_int64,
}
# Structs, for Go: `omitempty` leaves them alone.
_NEVER_EMPTY: Final = frozenset({"resource.Quantity", "util/intstr.IntOrString"})


class MessageReader:
    """Reads the message of one struct."""

    def __init__(self, type_name: str) -> None:
        self._type_name = type_name
        self._always = default_decoder().plan(type_name).always

    @cached_property
    def _fields(self) -> dict[int, FieldReader]:
        """Tag -> reader. Lists of numbers may also come packed."""
        table: dict[int, FieldReader] = {}
        kept = frozenset(name for name, _zero in self._always)
        for number, row in numbered_fields(self._type_name):
            table[number << 3 | wire_of(row.type)] = _field_reader(self._type_name, row, kept)
            if row.type.element is not None and wire_of(row.type) == VARINT:
                convert = _CONVERT[row.type.element.scalar]
                table[number << 3 | LENGTH] = field_reading.packed_numbers(row.name, convert)
        return table

    def read(self, data: bytes, start: int, stop: int, depth: int = 0) -> dict[str, Any]:
        """The object in `data[start:stop]`. O(bytes).

        Raises:
            ProtobufError: the bytes are no such message.
        """
        out: dict[str, Any] = {}
        self.merge(data, start, stop, out, depth)
        self.complete(out)
        return out

    def complete(self, out: dict[str, Any]) -> None:
        """Add what is written even where it is zero."""
        for name, zero in self._always:
            if name not in out:
                out[name] = zero

    def merge(self, data: bytes, start: int, stop: int, out: dict[str, Any], depth: int) -> None:
        """Read the fields that are there into `out`."""
        if depth > PROTOBUF_NESTING_COUNT_MAX:
            raise ProtobufError(f"messages nest deeper than {PROTOBUF_NESTING_COUNT_MAX}", start)
        fields, position = self._fields, start
        while position < stop:
            before, tag = position, data[position]
            if tag < 0x80:
                position += 1
            else:
                tag, position = read_varint(data, position, stop)
            field = fields.get(tag)
            if field is not None:
                position = field(data, position, stop, out, depth + 1)
            else:
                self._check_unknown(tag, before)
                position = skip(data, position, stop, tag)

    def _check_unknown(self, tag: int, offset: int) -> None:
        """Upstream's refusals of a tag that no field has as it stands."""
        number, wire = to_int32(tag >> 3), tag & 7
        kind = self._type_name.rpartition(".")[2]
        if wire == GROUP_END:
            raise ProtobufError(f"proto: {kind}: wiretype end group for non-group", offset)
        if number <= 0:
            raise ProtobufError(f"proto: {kind}: illegal tag {number} (wire type {wire})", offset)
        for known, row in numbered_fields(self._type_name):
            if known == number:
                name = row.name or row.type.go_name
                name = name[0].upper() + name[1:]
                raise ProtobufError(f"proto: wrong wireType = {wire} for field {name}", offset)


@cache
def reader_of(type_name: str) -> MessageReader:
    """The reader of a struct, made on first use."""
    return MessageReader(type_name)


def read_envelope(data: bytes, start: int = 0, stop: int | None = None, depth: int = 0) -> Any:
    """The object in an envelope, with its version and kind.

    Raises:
        ProtobufError: malformed, or of a kind that has no protobuf form.
    """
    envelope = open_envelope(data, start, stop)
    name = wire_type_name(envelope.api_version, envelope.kind)
    if name is None or not numbered_fields(name):
        raise ProtobufError(
            f'no kind "{envelope.kind}" is registered for version "{envelope.api_version}"', start
        )
    value = reader_of(name).read(data, envelope.start, envelope.stop, depth)
    if envelope.kind:
        value["apiVersion"], value["kind"] = envelope.api_version, envelope.kind
    return value


def _field_reader(type_name: str, row: FieldSchema, kept: frozenset[str]) -> FieldReader:
    """How one field is read. `kept` are the fields that are written even when they are zero."""
    ref, name = row.type, row.name
    keep_empty = ref.pointer or name in kept or ref.name in _NEVER_EMPTY
    if row.inline:
        return _inlined(reader_of(ref.name))
    if ref.shape == "struct":
        return _struct(name, reader_of(ref.name))
    if (type_name, name) in WRAPPED_LISTS:
        return field_reading.single(name, field_reading.texts, keep_empty=keep_empty)
    if ref.element is not None:
        return _collection(name, ref, ref.element)
    return _plain(name, ref, keep_empty=keep_empty)


def _plain(name: str, ref: TypeRef, *, keep_empty: bool) -> FieldReader:
    wire = wire_of(ref)
    if wire == VARINT:
        return field_reading.number(name, _CONVERT[ref.scalar], keep_empty=keep_empty)
    if wire == FIXED64:
        return field_reading.double(name)
    if ref.shape == "scalar":
        return field_reading.single_text(name, keep_empty=keep_empty)
    return field_reading.single(name, span_reader(ref), keep_empty=keep_empty)


def _collection(name: str, ref: TypeRef, element: TypeRef) -> FieldReader:
    if ref.shape == "map":
        return field_reading.entries(name, span_reader(element))
    if wire_of(element) == VARINT:
        return field_reading.numbers(name, _CONVERT[element.scalar])
    return field_reading.spans(name, span_reader(element))


def span_reader(ref: TypeRef) -> SpanReader:
    """How a length-delimited value of a type is read."""
    if ref.shape == "struct":
        return reader_of(ref.name).read
    if ref.shape == "list":
        return field_reading.texts
    if ref.name == "runtime.RawExtension":
        return _raw_extension
    if ref.name in SCHEMA_READERS:
        return SCHEMA_READERS[ref.name](reader_of(_JSON_SCHEMA).read)
    read = _FROM_SHAPE.get(ref.shape) or SPECIAL_READERS[ref.name]
    return lambda data, start, stop, _depth: read(data, start, stop)


def _base64_text(data: bytes, start: int, stop: int) -> str:
    return b2a_base64(data[start:stop], newline=False).decode()


_FROM_SHAPE: Final[dict[str, SpecialReader]] = {"scalar": text, "bytes": _base64_text}


def _inlined(reader: MessageReader) -> FieldReader:
    """A struct whose fields stand in the parent's JSON."""

    def field(data: bytes, position: int, stop: int, out: dict[str, Any], depth: int) -> int:
        start, end = read_span(data, position, stop)
        reader.merge(data, start, end, out, depth)
        return end

    return field


def _struct(name: str, reader: MessageReader) -> FieldReader:
    def field(data: bytes, position: int, stop: int, out: dict[str, Any], depth: int) -> int:
        start, end = read_span(data, position, stop)
        inner = out.get(name)
        if type(inner) is not dict:
            inner = out[name] = {}
        reader.merge(data, start, end, inner, depth)
        reader.complete(inner)
        return end

    return field


def _raw_extension(data: bytes, start: int, stop: int, depth: int) -> Any:
    """Raw JSON, or an object in an envelope of its own (in watch frames)."""
    start, stop = raw_span(data, start, stop)
    if is_protobuf(data[start : min(start + 4, stop)]):
        return read_envelope(data, start, stop, depth + 1)
    return json_value(data, start, stop)
