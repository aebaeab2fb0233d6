"""The template language of the benchmark's manifests."""

from typing import Any

import pytest

from kcore.errors import ManifestError
from kcore.scheduler_perf.templates import Template


@pytest.mark.parametrize(
    ("text", "values", "filled"),
    [
        ("pod-{{.Index}}", {"Index": 7}, "pod-7"),
        ("{{ .a }}-{{.b}}", {"a": "x", "b": 1}, "x-1"),
        ("{{DivideInt .Index 3}}", {"Index": 8}, "2"),
        (
            "{{AddInt 7000 (Mod .Index (DivideInt .pods .nodes))}}",
            {"Index": 7, "pods": 9, "nodes": 3},
            "7001",
        ),
        ("{{SubtractInt .a 1}}", {"a": 3}, "2"),
        ("{{if .cpu}}{{.cpu}}{{else}}50m{{end}}", {"cpu": "1"}, "1"),
        ("{{if .cpu}}{{.cpu}}{{else}}50m{{end}}", {}, "50m"),
        ("a{{if .x}}b{{if .y}}c{{end}}{{end}}z", {"x": 1, "y": 0}, "abz"),
        ("{{.missing}}", {}, "<no value>"),
    ],
)
def test_values_and_conditions(text: str, values: dict[str, Any], filled: str) -> None:
    """As Go's text/template writes them."""
    assert Template(text, "t.yaml").render(values) == filled


def test_a_text_without_actions_is_plain() -> None:
    """So that its object is made once."""
    assert Template("kind: Pod", "t.yaml").is_plain
    assert not Template("{{.Index}}", "t.yaml").is_plain


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{range .x}}{{end}}", "{{range .x}} is not supported"),
        ("{{if .x}}y", "{{if}} without {{end}}"),
        ("{{end}}", "unexpected {{end}}"),
        ("{{Sqrt 2}}", "function Sqrt is not supported"),
        ("{{AddInt 1}}", "an operand is missing"),
        ("{{AddInt (AddInt 1 2}}", "a parenthesis is not closed"),
        ("{{DivideInt 1 0}}", "division by zero"),
        ("{{Mod .x 2}}", "int() argument"),
    ],
)
def test_what_it_cannot_do_is_refused_by_name(text: str, message: str) -> None:
    """With the file's name."""
    with pytest.raises(ManifestError) as caught:
        Template(text, "t.yaml").render({})
    assert str(caught.value).startswith("t.yaml: ")
    assert message in str(caught.value)
