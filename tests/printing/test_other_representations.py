"""Tables and metadata alone: what comes with each row, and what is refused."""

import pytest

from kcore.errors import ApiError
from kcore.machinery.frozen import freeze, thaw
from kcore.machinery.timestamps import parse_time
from kcore.printing.column import NAME, Printer
from kcore.printing.representation import (
    Representation,
    WatchRepresentation,
    representation,
    represented,
)

NOW = parse_time("2026-01-01T01:00:00Z")
METADATA = {"name": "a", "creationTimestamp": "2026-01-01T00:00:00Z", "resourceVersion": "5"}
CONFIG_MAP = freeze(
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": METADATA, "data": {"k": "v"}}
)
ITEM = CONFIG_MAP.remove("apiVersion").remove("kind")
LIST_METADATA = {"resourceVersion": "7", "continue": "x", "remainingItemCount": 1}
CONFIG_MAPS = freeze(
    {"apiVersion": "v1", "kind": "ConfigMapList", "metadata": LIST_METADATA, "items": [ITEM]}
)
ALONE = {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": METADATA}


def shown(body, wanted, **options):
    return thaw(represented(body, wanted, NOW, **options))


@pytest.mark.parametrize(
    ("included", "row_object"),
    [("", ALONE), ("Metadata", ALONE), ("None", None), ("Object", thaw(CONFIG_MAP))],
)
def test_a_row_comes_with_what_was_asked_for(included, row_object):
    table = shown(CONFIG_MAPS, Representation("Table", include_object=included))

    assert table["rows"] == [{"cells": ["a", 1, "60m"], "object": row_object}]
    assert table["metadata"] == LIST_METADATA
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Data", "Age"]


def test_a_table_of_one_object_has_its_version():
    table = shown(CONFIG_MAP, Representation("Table"))

    assert table["metadata"] == {"resourceVersion": "5"}
    assert len(table["rows"]) == 1


def test_empty_metadata_of_lists_is_left_out():
    custom = CONFIG_MAPS.set("metadata", {"resourceVersion": "7", "continue": ""})

    for kind in ("Table", "PartialObjectMetadataList"):
        assert shown(custom, Representation(kind))["metadata"] == {"resourceVersion": "7"}


def test_a_table_without_objects_has_columns():
    table = shown(CONFIG_MAPS.set("items", []), Representation("Table"))

    assert table["rows"] == []
    assert len(table["columnDefinitions"]) == 3


def test_later_tables_of_a_watch_have_no_columns():
    table = shown(CONFIG_MAP, Representation("Table"), with_columns=False)

    assert table["columnDefinitions"] is None
    assert table["rows"][0]["cells"] == ["a", 1, "60m"]


def test_a_watch_says_its_columns_once():
    watch = WatchRepresentation(Representation("Table"))
    status = freeze({"apiVersion": "v1", "kind": "Status", "code": 410})

    assert watch.represented(status, NOW) is status
    tables = [watch.represented(CONFIG_MAP, NOW) for _ in range(3)]

    assert [table.columnDefinitions is None for table in tables] == [False, True, True]
    assert all(len(table.rows) == 1 for table in tables)


def test_a_kind_may_bring_its_own_columns():
    printer = Printer((NAME,), lambda obj, _now: [obj.metadata.name.upper()])

    assert shown(CONFIG_MAP, Representation("Table"), printer=printer)["rows"][0]["cells"] == ["A"]


def test_an_unknown_inclusion_is_refused():
    with pytest.raises(ApiError) as refusal:
        represented(CONFIG_MAP, Representation("Table", include_object="Bogus"), NOW)

    assert refusal.value.code == 400
    assert refusal.value.message == (
        "Unable to convert to Table as requested: includeObject: Invalid value: "
        "\"Bogus\": must be 'Metadata', 'Object', 'None', or empty"
    )


def test_metadata_alone():
    assert shown(CONFIG_MAP, Representation("PartialObjectMetadata")) == ALONE
    old = shown(CONFIG_MAP, Representation("PartialObjectMetadata", "v1beta1"))
    assert old == ALONE | {"apiVersion": "meta.k8s.io/v1beta1"}
    assert shown(CONFIG_MAPS, Representation("PartialObjectMetadataList")) == {
        "apiVersion": "meta.k8s.io/v1",
        "kind": "PartialObjectMetadataList",
        "metadata": LIST_METADATA,
        "items": [ALONE],
    }


def test_an_empty_list_of_metadata_is_null_as_in_go():
    empty = CONFIG_MAPS.set("items", [])

    assert shown(empty, Representation("PartialObjectMetadataList"))["items"] is None


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        (CONFIG_MAPS, "PartialObjectMetadata", "a list (*v1.ConfigMapList)"),
        (CONFIG_MAP, "PartialObjectMetadataList", "not a list (*v1.ConfigMap)"),
    ],
)
def test_a_list_is_no_object_and_an_object_no_list(body, kind, text):
    with pytest.raises(ApiError) as refusal:
        represented(body, Representation(kind), NOW)

    assert (refusal.value.code, refusal.value.reason) == (406, "NotAcceptable")
    assert refusal.value.message == f"you requested {kind}, but the requested object is {text}"


def test_a_status_stays_what_it_is():
    status = freeze({"apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Success"})

    assert represented(status, Representation("Table"), NOW) is status


def test_annotations_of_versions_alone_are_not_shown():
    key = "deprecated.daemonset.template.generation"
    daemons = freeze({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "d"}})
    marked = daemons.set(("metadata", "annotations", key), "1")
    alone = Representation("PartialObjectMetadata")

    assert represented(marked, alone, NOW) == represented(daemons, alone, NOW)
    both = represented(marked.set(("metadata", "annotations", "a"), "b"), alone, NOW)
    assert thaw(both.metadata.annotations) == {"a": "b"}


def test_the_server_marks_the_default_storage_class():
    plain = freeze(
        {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "gold"}}
    )
    key = ("metadata", "annotations", "storageclass.kubernetes.io/is-default-class")
    names = [
        shown(obj, Representation("Table"))["rows"][0]["cells"][0]
        for obj in (plain, plain.set(key, "false"), plain.set(key, "true"))
    ]

    assert names == ["gold", "gold", "gold (default)"]


@pytest.mark.parametrize(
    ("parameters", "offered"),
    [
        (("Table", "v1", "meta.k8s.io"), True),
        (("PartialObjectMetadataList", "v1beta1", "meta.k8s.io"), True),
        (("Table", "v9", "meta.k8s.io"), False),
        (("Table", "v1", "example.com"), False),
        (("Bogus", "v1", "meta.k8s.io"), False),
    ],
)
def test_which_forms_are_offered(parameters, offered):
    assert (representation(*parameters) is not None) is offered
