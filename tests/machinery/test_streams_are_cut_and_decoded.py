"""Streams of documents: where they are cut, and when JSON becomes YAML."""

import pytest

from kcore.machinery.object_stream import (
    EndOfStreamError,
    StreamDecoder,
    StreamError,
    yaml_documents,
)


def values(text):
    decoder, found = StreamDecoder(text), []
    while True:
        try:
            found.append(decoder.next())
        except EndOfStreamError:
            return found
        except StreamError as error:
            return [*found, str(error)]


def test_separators_cut_and_an_opening_one_stays():
    assert list(yaml_documents("---\na: 1\r\n--- # x\nb: 2")) == ["---\na: 1\n", "b: 2\n"]


def test_text_after_a_separator_is_refused():
    with pytest.raises(StreamError, match="invalid Yaml document separator: a"):
        list(yaml_documents("--- a\n"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a: 1\n---\nb: 2\n", [{"a": 1.0}, {"b": 2.0}]),
        ('{"a":1}{"b":2} {"c":3}', [{"a": 1.0}, {"b": 2.0}, {"c": 3.0}]),
        ('{"a":1}\n---\nb: 2\n', [{"a": 1.0}, {"b": 2.0}]),
        (
            '{"a":1}{"b":2}x',
            [{"a": 1.0}, {"b": 2.0}, "invalid character 'x' looking for beginning of value"],
        ),
        (
            '{"a":1}x',
            [{"a": 1.0}, "json: offset 8: invalid character 'x' looking for beginning of value"],
        ),
        ("{", ["unexpected EOF"]),
        ("# only\n", [None]),
        (
            "a: [\n",
            ["error converting YAML to JSON: yaml: line 1: did not find expected node content"],
        ),
    ],
)
def test_values(text, expected):
    assert values(text) == expected


def test_a_brace_after_the_first_bytes_is_not_json():
    assert values(" " * 5000 + "{}") == [{}]
    assert StreamDecoder(" " * 5000 + "{}")._is_json is False
