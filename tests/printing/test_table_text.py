"""Tables in a terminal look as kubectl's: capitals, three spaces, no trailing blanks."""

from kcore.machinery.frozen import freeze
from kcore.machinery.timestamps import parse_time
from kcore.printing.table import table_of

NOW_NS = parse_time("2026-01-01T12:00:00Z")
CREATED = "2026-01-01T11:55:00Z"


def meta(name, **extra):
    return {"name": name, "namespace": "shop", "creationTimestamp": CREATED, **extra}


def deployment(name, ready=1, replicas=2):
    return freeze(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": meta(name),
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": {"app": name}},
                "template": {"spec": {"containers": [{"name": "main", "image": "web:1"}]}},
            },
            "status": {"readyReplicas": ready, "updatedReplicas": 2, "availableReplicas": ready},
        }
    )


def lines(table, **options):
    return table.to_text(**options).split("\n")


def test_columns_are_as_wide_as_their_widest_cell():
    table = table_of([deployment("a"), deployment("long-name")], NOW_NS)

    assert lines(table) == [
        "NAME        READY   UP-TO-DATE   AVAILABLE   AGE",
        "a           1/2     2            1           5m",
        "long-name   1/2     2            1           5m",
    ]


def test_wide_adds_the_columns_of_lower_priority():
    table = table_of([deployment("a")], NOW_NS)

    assert lines(table, wide=True) == [
        "NAME   READY   UP-TO-DATE   AVAILABLE   AGE   CONTAINERS   IMAGES   SELECTOR",
        "a      1/2     2            1           5m    main         web:1    app=a",
    ]


def test_namespaces_come_first_when_asked_for():
    table = table_of([deployment("a")], NOW_NS)

    assert lines(table, with_namespace=True)[1].split() == ["shop", "a", "1/2", "2", "1", "5m"]


def test_an_unknown_kind_shows_name_and_age():
    widget = freeze({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": meta("w")})

    assert lines(table_of([widget], NOW_NS)) == ["NAME   AGE", "w      5m"]


def test_a_kind_without_printer_shows_when_it_was_created():
    role = freeze(
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta("r")}
    )

    assert lines(table_of([role], NOW_NS)) == ["NAME   CREATED AT", f"r      {CREATED}"]


def test_numbers_and_booleans_stay_values_in_the_api_form():
    priority = freeze(
        {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": meta("high"),
            "value": 1000,
        }
    )

    body = table_of([priority], NOW_NS).to_dict()

    assert body["rows"] == [{"cells": ["high", 1000, False, "5m", "PreemptLowerPriority"]}]
    assert body["columnDefinitions"][1] == {
        "name": "Value",
        "type": "integer",
        "format": "",
        "priority": 0,
    }


def test_no_objects_no_table():
    assert table_of([], NOW_NS).to_text() == ""
