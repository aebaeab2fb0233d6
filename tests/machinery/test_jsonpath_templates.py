"""kubectl's JSONPath: what people write, and that anything else is refused, never a crash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.machinery.jsonpath import JsonPath, JsonPathError, relaxed_template

PODS = freeze(
    {
        "items": [
            {
                "metadata": {"name": "web-0", "labels": {"app.kubernetes.io/name": "web"}},
                "spec": {"priority": 1000, "containers": [{"name": "c", "image": "nginx"}]},
            },
            {"metadata": {"name": "db"}, "spec": {"priority": 0, "containers": []}},
        ]
    }
)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{.items[*].metadata.name}", "web-0 db"),
        ("{.items[-1].metadata.name}", "db"),
        ("{.items[?(@.spec.priority>500)].metadata.name}", "web-0"),
        ("{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "web"),
        ("{..image}", "nginx"),
        ('{range .items[*]}{.metadata.name}{"\\n"}{end}', "web-0\ndb\n"),
        ("{.items[0].spec.containers}", '[{"image":"nginx","name":"c"}]'),
        ("{.items[0]['metadata.name','spec.priority']}", "web-0 1000"),
        ("name: {.items[0].metadata.name}!", "name: web-0!"),
    ],
)
def test_what_people_write(template, text):
    assert JsonPath.parse(template).render(PODS) == text


def test_json_output_keeps_the_list():
    text = JsonPath.parse("{.items[*].spec.priority}").render(PODS, json_output=True)

    assert text == "[\n    1000,\n    0\n]\n"


def test_missing_keys_are_refused_unless_allowed():
    template = JsonPath.parse("{.items[0].missing}")

    with pytest.raises(JsonPathError, match="missing is not found"):
        template.render(PODS)
    assert template.render(PODS, allow_missing_keys=True) == ""


def test_the_relaxed_form_is_completed():
    assert relaxed_template("metadata.name") == "{.metadata.name}"
    assert relaxed_template("{metadata.name}") == "{.metadata.name}"
    with pytest.raises(JsonPathError, match="unexpected path string"):
        relaxed_template("{a}{b}")


@given(st.text(alphabet="{}[].,:*?()@$'\"\\ab0-1<>=! \n", max_size=25))
def test_any_template_renders_or_is_refused(template):
    try:
        text = JsonPath.parse(template).render(PODS, allow_missing_keys=True)
    except JsonPathError:
        return
    assert isinstance(text, str)
