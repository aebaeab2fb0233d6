"""`dumps(x, html_escapes=True)` writes what Go's encoder writes unless told otherwise."""

import pytest

MARKS = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("around", ["", "plain text ", "é", "\U0001f600", '"', "\u2027\u202a"])
def test_marks_are_escaped_in_texts_and_keys(kernel, mark, around):
    text = f"{around}{mark}{around}"
    value = kernel.freeze({text: [text, {"k": text * 3}]})
    plain = kernel.dumps(value)
    escaped = kernel.dumps(value, html_escapes=True)
    assert escaped.decode() == plain.decode().replace(mark, MARKS[mark])
    assert kernel.loads(escaped) == value
    assert kernel.dumps(value, html_escapes=False) == plain
    assert kernel.dumps(value) == plain


def test_nothing_else_changes(kernel):
    text = "".join(map(chr, range(0x2100))).replace("\u2028", "").replace("\u2029", "")
    value = kernel.freeze([text.translate({ord(mark): "" for mark in "<>&"}), 1.5, None, True])
    assert kernel.dumps(value, html_escapes=True) == kernel.dumps(value)


def test_plain_scalars(kernel):
    assert kernel.dumps("a<b", html_escapes=True) == b'"a\\u003cb"'
    assert kernel.dumps(1e21, html_escapes=True) == b"1e+21"


def test_it_is_no_positional_argument(kernel):
    with pytest.raises(TypeError):
        kernel.dumps({}, True)
    with pytest.raises(TypeError):
        kernel.dumps(kernel.EMPTY_MAP, escapes=True)
