"""Bodies that come as text: read along the endpoint's kind, refused as upstream does."""

import pytest

from kcore.api.catalog import default_scheme
from kcore.apiserver.body_text import read_body
from kcore.apiserver.endpoint import build_endpoint
from kcore.errors import ApiError


def endpoint(api_version="v1", kind="ConfigMap"):
    return build_endpoint(default_scheme().by_kind(api_version, kind))


def test_a_body_and_its_problems():
    body, problems = read_body('{"data":{"a":"1","a":"2"},"x":1}', endpoint())

    assert body == {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "2"}}
    assert problems == ('duplicate field "data.a"', 'unknown field "x"')


def test_yaml_too():
    body, _problems = read_body("data: {a: 'yes'}\n", endpoint(), is_yaml=True)

    assert body["data"] == {"a": "yes"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "json parse error: unexpected end of JSON input (<empty>)"),
        ("{" + "a" * 40, "object key string ({" + "a" * 29 + " ...)"),
        ("[1]", 'json:\\"kind,omitempty\\"" } (5b315d)'),
        (
            '{"kind":"Other"}',
            'Other in version "v1" cannot be handled as a ConfigMap: no kind "Other" is registered '
            'for version "v1" in scheme "pkg/runtime/scheme.go:111"',
        ),
        (
            '{"data":1}',
            'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal '
            "number into Go struct field ConfigMap.data of type map[string]string",
        ),
    ],
)
def test_refusals(text, message):
    with pytest.raises(ApiError) as caught:
        read_body(text, endpoint())

    assert caught.value.code == 400
    if '"kind,omitempty' in message:
        assert caught.value.message.endswith("(5b315d)")
    else:
        assert caught.value.message.endswith(message)
