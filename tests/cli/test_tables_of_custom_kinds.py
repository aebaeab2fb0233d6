"""`kcore get` shows custom kinds in the columns that their definition names."""

from kcore.cli.output import Format, render
from kcore.machinery.frozen import freeze

COLUMN = {"name": "Size", "type": "integer", "jsonPath": ".spec.size"}
DEFINITION = freeze(
    {
        "spec": {
            "group": "ex.io",
            "names": {"kind": "Widget"},
            "versions": [{"name": "v1", "additionalPrinterColumns": [COLUMN]}],
        }
    }
)
WIDGET = freeze(
    {"apiVersion": "ex.io/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": {"size": 3}}
)
OTHER = freeze({"apiVersion": "ex.io/v1", "kind": "Gadget", "metadata": {"name": "b"}})


def test_each_kind_has_its_own_columns():
    text = render([WIDGET, OTHER], Format.TABLE, now_ns=0, definitions=[DEFINITION])

    assert text.splitlines() == ["NAME   SIZE", "a      3", "", "NAME   AGE", "b      <unknown>"]


def test_without_a_definition_there_is_the_age():
    text = render([WIDGET], Format.TABLE, now_ns=0)

    assert text.splitlines()[0] == "NAME   AGE"
