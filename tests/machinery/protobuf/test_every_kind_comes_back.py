"""Any object of any kind, written and read again, is the object that JSON would have given."""

from random import Random  # noqa: TID251 - seeded per kind

import pytest

from kcore.machinery.frozen import dumps, freeze, loads, thaw
from kcore.machinery.protobuf import decode, encode
from kcore.machinery.protobuf.wire_types import numbered_fields, wire_type_name
from kcore.machinery.schema import default_decoder
from kcore.machinery.schema_types import type_table
from kcore.machinery.typed_json import dump_typed_json
from tests.apiserver.hostile import typed

OBJECTS_COUNT = 4
KINDS = type_table().kinds()


def as_protobuf_keeps(value, ref, *, at_root=False):
    """`value` without what protobuf cannot say: empty lists, kinds inside objects."""
    if value is None or ref.shape == "special":
        return value
    if ref.shape == "list":
        return [as_protobuf_keeps(item, ref.element) for item in value] or None
    if ref.shape == "map":
        return {k: as_protobuf_keeps(item, ref.element) for k, item in value.items()} or None
    if ref.shape != "struct":
        return value
    fields = type_table().struct(ref.name).located
    kept = {
        name: as_protobuf_keeps(item, fields[name][0].type)
        for name, item in value.items()
        if at_root or "TypeMeta" not in fields[name][1]
    }
    return {name: item for name, item in kept.items() if item is not None}


@pytest.mark.parametrize(("api_version", "kind"), KINDS, ids=[f"{v}-{k}" for v, k in KINDS])
def test_an_object_comes_back(api_version, kind):
    random = Random(f"{api_version}/{kind}")
    for _ in range(OBJECTS_COUNT):
        obj = random_object(random, api_version, kind)
        expected = default_decoder().decode_type(obj, wire_type_name(api_version, kind))

        body = encode(obj)
        found = decode(body)

        assert kept(found, api_version, kind) == kept(expected, api_version, kind)
        assert encode(found) == encode(found, is_decoded=True) == body
        text = dump_typed_json(found, indent=2)
        assert loads(text) == found
        assert dump_typed_json(found, indent=2, is_decoded=True) == text


def random_object(random, api_version, kind):
    """No zero times: a set one and one that is not look the same in JSON."""
    text = dumps(freeze(typed(random, api_version, kind)))
    return loads(text.replace(b"0001-01-01T", b"1901-01-01T"))


def kept(obj, api_version, kind):
    reference = type_table().reference(wire_type_name(api_version, kind))
    return as_protobuf_keeps(thaw(obj), reference, at_root=True)


def test_every_kind_has_field_numbers():
    bare = [key for key in KINDS if not numbered_fields(wire_type_name(*key))]

    assert bare == []
