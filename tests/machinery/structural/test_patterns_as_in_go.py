"""Patterns of schemas mean what they mean to Go."""

import pytest

from kcore.machinery.structural.go_pattern import compile_go_pattern


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("^[a-z]+$", "abc", True),
        ("^[a-z]+$", "abc\n", False),
        ("(?m)^a$", "b\na\nc", True),
        (r"^a\z", "a\n", False),
        (r"^\$[$]$", "$$", True),
        (r"^\d+$", "٣", False),
        ("^[[:alpha:]]+$", "ab", True),
        ("^[[:alpha:]]+$", "a:", False),
        ("^[^[:space:]]$", "x", True),
        ("^[]a]+$", "]a", True),
        ("^[^]a]+$", "]", False),
        ("^[[a]$", "[", True),
        (r"^[\]a]+$", "]a", True),
        ("[:alpha:]", "p", True),
        ("b", "abc", True),
    ],
)
def test_a_pattern_finds_what_go_finds(pattern, text, matches):
    found = compile_go_pattern(pattern)

    assert found is not None
    assert (found.search(text) is not None) is matches


@pytest.mark.parametrize("pattern", ["", "(", r"\p{L}", "[[:nope:]]"])
def test_what_python_cannot_say_is_no_pattern(pattern):
    assert compile_go_pattern(pattern) is None
