"""Patches as text: what a text says beyond its value, and numbers that no value holds."""

import pytest

from kcore.machinery.frozen import freeze
from kcore.machinery.patch.converter_text import converter_text
from kcore.machinery.patch.document_text import (
    PatchDocumentError,
    json_patched,
    merge_patch_between,
    merge_patched,
)
from kcore.machinery.patch.json_patch import JsonPatchError
from kcore.machinery.patch.patch_text import (
    PatchTextError,
    read_patch_text,
    unknown_operation_fields,
)
from kcore.machinery.patch.patched_text import merge_trace, operations_trace, patched_text
from kcore.machinery.request import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH


def test_repeated_keys_are_problems_and_the_last_one_wins():
    body, problems = read_patch_text('{"spec":{"replicas":2,"replicas":3}}', MERGE_PATCH)

    assert body == {"spec": {"replicas": 3}}
    assert problems == ('duplicate field "spec.replicas"',)


def test_operations_travel_in_a_map():
    text = '[{"op":"add","op":"add","path":"/a","value":1,"extra":2}]'

    body, problems = read_patch_text(text, JSON_PATCH)

    assert problems == ('json patch duplicate field "[0].op"',)
    unknown = unknown_operation_fields(body["operations"])
    assert unknown == ['json patch unknown field "[0].extra"']


def test_configurations_are_yaml():
    body, problems = read_patch_text('data: {a: "1", a: "2"}', APPLY_PATCH)

    assert body == {"data": {"a": "2"}}
    assert problems == ('line 1: key "a" already set in map',)
    with pytest.raises(PatchTextError, match="error strict decoding patch"):
        read_patch_text('data: {a: "1", a: "2"}', APPLY_PATCH, strict=True)


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("{", MERGE_PATCH, "invalid JSON patch"),
        ("null", MERGE_PATCH, "Invalid JSON Patch"),
        (
            "[]",
            MERGE_PATCH,
            "error decoding patch: json: cannot unmarshal array into Go value of type "
            "map[string]interface {}",
        ),
        (
            '"x"',
            STRATEGIC_MERGE_PATCH,
            "json: cannot unmarshal string into Go value of type map[string]interface {}",
        ),
        (
            "[1]",
            JSON_PATCH,
            "error decoding patch: json: cannot unmarshal number into Go value of type "
            "handlers.jsonPatchOp",
        ),
        (
            '[{"op":1}]',
            JSON_PATCH,
            "error decoding patch: json: cannot unmarshal number into Go struct field "
            "jsonPatchOp.op of type string",
        ),
    ],
)
def test_refusals_have_upstreams_words(text, kind, message):
    with pytest.raises(PatchTextError) as caught:
        read_patch_text(text, kind)

    assert str(caught.value) == message


def test_numbers_beyond_64_bits_come_out_as_they_went_in():
    text = '{"a":12345678901234567890,"b":"12345678901234567890"}'

    assert merge_patched(text, '{"c":-98765432109876543210}') == (
        '{"a":12345678901234567890,"b":"12345678901234567890","c":-98765432109876543210}'
    )
    assert json_patched(text, '[{"op":"remove","path":"/b"}]') == '{"a":12345678901234567890}'


def test_the_patch_between_two_documents_leads_from_one_to_the_other():
    before, after = '{"a":1,"b":{"c":2,"d":3}}', '{"b":{"c":4},"e":[1]}'

    patch = merge_patch_between(before, after)

    assert patch == '{"a":null,"b":{"c":4,"d":null},"e":[1]}'
    assert merge_patched(before, patch) == after


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("{", "{}", "Invalid JSON Document"),
        ("[]", "{}", "Mismatched JSON Documents"),
        ("[1]", "[2]", "Invalid JSON Document"),
        ('"a"', "{}", "Invalid JSON Document"),
    ],
)
def test_no_patch_leads_between_these(before, after, message):
    with pytest.raises(PatchDocumentError) as caught:
        merge_patch_between(before, after)

    assert str(caught.value) == message


def test_a_cut_off_patch_ends_too_early():
    with pytest.raises(JsonPatchError, match="unexpected end of JSON input"):
        json_patched("{}", '[{"op":')


SERVICE = freeze(
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "s", "namespace": "d", "labels": {"b": "1"}},
        "spec": {"selector": {"a": "b"}, "clusterIP": "None", "ports": [{"port": 1, "name": "x"}]},
    }
)


def test_untouched_parts_are_shown_in_gos_order_and_touched_ones_sorted():
    patch = freeze({"spec": {"clusterIP": "x"}})
    patched = SERVICE.set(("spec", "clusterIP"), "x")

    assert patched_text(patched, SERVICE, merge_trace(SERVICE, patch)) == (
        '{"apiVersion":"v1","kind":"Service",'
        '"metadata":{"name":"s","namespace":"d","labels":{"b":"1"}},'
        '"spec":{"clusterIP":"x","ports":[{"name":"x","port":1}],"selector":{"a":"b"}}}'
    )


def test_operations_touch_what_they_look_at():
    operations = freeze([{"op": "test", "path": "/metadata/name", "value": "s"}])

    shown = patched_text(SERVICE, SERVICE, operations_trace(operations))

    assert '"metadata":{"labels":{"b":"1"},"name":"s","namespace":"d"}' in shown


@pytest.mark.parametrize(
    ("reader", "converter"),
    [
        (
            "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas "
            "of type int32",
            "unrecognized type: int32",
        ),
        (
            "json: cannot unmarshal number 2.5 into Go struct field DeploymentSpec.spec.replicas "
            "of type int32",
            "cannot convert float64 to int32",
        ),
        (
            "json: cannot unmarshal string into Go struct field PodSpec.containers of type "
            "[]v1.Container",
            "cannot restore slice from string",
        ),
        (
            "json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec",
            "cannot restore struct from: slice",
        ),
        ('strict decoding error: unknown field "a"', 'strict decoding error: unknown field "a"'),
    ],
)
def test_the_converter_has_its_own_words(reader, converter):
    assert converter_text(reader) == converter
