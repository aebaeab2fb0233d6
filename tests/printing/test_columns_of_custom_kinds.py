"""Tables of custom kinds have the columns of their definition."""

import pytest

from kcore.machinery.frozen import freeze
from kcore.machinery.timestamps import parse_time
from kcore.printing.column import NAME
from kcore.printing.columns.custom import custom_printer
from kcore.printing.representation import Representation, represented
from kcore.printing.table import table_for

NOW = parse_time("2026-01-01T01:00:00Z")
COLUMNS = [
    {"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas"},
    {"name": "Phase", "type": "string", "jsonPath": ".status.phase", "priority": 1},
    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
]


def definition(columns):
    versions = [{"name": "v1", "additionalPrinterColumns": columns}, {"name": "v2"}]
    return freeze({"spec": {"versions": versions}})


def widget(spec, **status):
    metadata = {"name": "a", "creationTimestamp": "2026-01-01T00:00:00Z"}
    return freeze(
        {
            "apiVersion": "ex.io/v1",
            "kind": "Widget",
            "metadata": metadata,
            "spec": spec,
            "status": status,
        }
    )


def test_the_columns_of_a_definition():
    printer = custom_printer(definition(COLUMNS), "v1")

    assert [(c.name, c.type, c.priority) for c in printer.columns] == [
        ("Name", "string", 0),
        ("Replicas", "integer", 0),
        ("Phase", "string", 1),
        ("Age", "date", 0),
    ]
    assert printer.cells(widget({"replicas": 2}, phase="P"), NOW) == ["a", 2, "P", "60m"]
    assert printer.cells(widget({}), NOW) == ["a", None, None, "60m"]


@pytest.mark.parametrize("version", ["v2", "v9"])
def test_without_columns_there_is_the_age(version):
    printer = custom_printer(definition(COLUMNS), version)

    assert [column.name for column in printer.columns] == ["Name", "Age"]
    assert printer.columns[0] is NAME
    assert printer.cells(widget({}), NOW) == ["a", "60m"]


@pytest.mark.parametrize(
    ("column_type", "value", "cell"),
    [
        ("integer", 3, 3),
        ("integer", 3.7, 3),
        ("integer", "3", None),
        ("integer", True, None),
        ("number", 3, 3.0),
        ("number", "x", None),
        ("boolean", False, False),
        ("boolean", "true", None),
        ("string", "text", "text"),
        ("string", 3, "3"),
        ("string", ["a", {"b": 1}], '["a",{"b":1}]'),
        ("string", None, "<no value>"),
        ("date", "2026-01-01T00:59:00Z", "60s"),
        ("date", "yesterday", "<invalid>"),
        ("date", "", "<unknown>"),
        ("date", 5, None),
        ("odd", 5, None),
    ],
)
def test_a_cell_fits_its_column_or_is_empty(column_type, value, cell):
    columns = [{"name": "X", "type": column_type, "jsonPath": ".spec.x"}]
    found = custom_printer(definition(columns), "v1").cells(widget({"x": value}), NOW)[1]

    assert (found, type(found)) == (cell, type(cell))


@pytest.mark.parametrize("path", [".spec.none.deeper", ".spec.list[7]", "[", ".spec.x.y"])
def test_paths_that_find_nothing(path):
    columns = [{"name": "X", "type": "string", "jsonPath": path}]
    printer = custom_printer(definition(columns), "v1")

    assert printer.cells(widget({"list": [1], "x": 3}), NOW)[1] is None


def test_empty_cells_and_numbers_in_text():
    columns = [
        {"name": "None", "type": "string", "jsonPath": ".spec.none"},
        {"name": "Ratio", "type": "number", "jsonPath": ".spec.ratio"},
        {"name": "On", "type": "boolean", "jsonPath": ".spec.on"},
    ]
    table = table_for(
        [widget({"ratio": 0.5, "on": True})], custom_printer(definition(columns), "v1"), NOW
    )

    assert table.to_text().splitlines() == [
        "NAME   NONE   RATIO   ON",
        "a             0.5     true",
    ]


def test_a_table_response_takes_them():
    printer = custom_printer(definition(COLUMNS), "v1")
    table = represented(widget({"replicas": 2}), Representation("Table"), NOW, printer)

    assert table.rows[0].cells == ["a", 2, None, "60m"]
    assert table.columnDefinitions[2] == {
        "name": "Phase",
        "type": "string",
        "format": "",
        "priority": 1,
    }
