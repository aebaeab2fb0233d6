import pytest

ERRORS = [
    ("", "expected a value", 0),
    ("  ", "expected a value", 2),
    ("\ufeff1", "expected a value", 0),
    ("tru", "expected a value", 0),
    ("nul", "expected a value", 0),
    ("NaN", "expected a value", 0),
    ("[Infinity]", "expected a value", 1),
    ("-Infinity", "invalid number", 0),
    ("[1 2]", "expected ',' or ']'", 3),
    ("[1", "expected ',' or ']'", 2),
    ("[1,]", "expected a value", 3),
    ("[", "expected a value", 1),
    ("{", "expected a key or '}'", 1),
    ("{1:2}", "expected a key or '}'", 1),
    ('{"a"', "expected ':'", 4),
    ('{"a":', "expected a value", 5),
    ('{"a":1', "expected ',' or '}'", 6),
    ('{"a":1,}', "expected a key", 7),
    ('{"a":1,,}', "expected a key", 7),
    ('{"a" 1}', "expected ':'", 5),
    ("1 2", "unexpected text after the value", 2),
    ("[]]", "unexpected text after the value", 2),
    ("truefalse", "unexpected text after the value", 4),
    ("01", "invalid number", 0),
    ("-", "invalid number", 0),
    ("-a", "invalid number", 0),
    ("[-01]", "invalid number", 1),
    ("1.", "invalid number", 0),
    (".5", "expected a value", 0),
    ("+1", "expected a value", 0),
    ("1e", "invalid number", 0),
    ("1e+", "invalid number", 0),
    ("1.5.5", "invalid number", 0),
    ("1-1", "invalid number", 0),
    ("[1e999]", "number out of range", 1),
    ("-1e400", "number out of range", 0),
    ("1" + "0" * 400, "number out of range", 0),
    ('"', "unterminated string", 0),
    ('["é', "unterminated string", 1),
    ('"\\', "unterminated string", 0),
    ('"\\u12', "unterminated string", 0),
    ('"\\u1234', "unterminated string", 0),
    ('"é\\x"', "invalid escape", 3),
    ('"\\u12g4"', "invalid escape", 1),
    ('"\\u+123"', "invalid escape", 1),
    ('"\\u 123"', "invalid escape", 1),
    ('"\\ud800\\u12x"', "invalid escape", 7),
    ('"\\U1234"', "invalid escape", 1),
    ('"aaaaaaaaaaaa\tb"', "control character in string", 13),
    ('"\x00"', "control character in string", 1),
    ('{"a\nb":1}', "control character in string", 3),
    (b'["a\xff"]', "invalid UTF-8", 3),
    (b"\xed\xa0\x80", "invalid UTF-8", 0),
    (b'"\xc0\x80"', "invalid UTF-8", 1),
    ('"é\ud800"', "invalid UTF-8", 3),
    ("1\x00", "unexpected text after the value", 1),
]


@pytest.mark.parametrize(("text", "message", "position"), ERRORS)
def test_errors_name_the_byte(kernel, text, message, position):
    with pytest.raises(kernel.JSONError) as caught:
        kernel.loads(text)
    assert (caught.value.message, caught.value.position) == (message, position)
    assert str(caught.value) == f"{message} at offset {position}"
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("-0.0", 0.0),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("9223372036854775808", 2.0**63),
        ("-9223372036854775809", -(2.0**63)),
        ("1.0", 1.0),
        ("1e2", 100.0),
        ("1E-2", 0.01),
        ("1e-400", 0.0),
        ("5e-324", 5e-324),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("0." + "1" * 100, float("0." + "1" * 100)),
        (" \t\r\n1 \n", 1),
        ('""', ""),
        ('"a"', "a"),
        ('"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9"', '"\\/\b\f\n\r\tAé'),
        ('"\\ud83d\\ude00"', "\U0001f600"),
        ('"\\uD83D\\uDE00x"', "\U0001f600x"),
        ('"\\ud800"', "\ufffd"),
        ('"\\udc00\\ud800"', "\ufffd\ufffd"),
        ('"\\ud800\\ud83d\\ude00"', "\ufffd\U0001f600"),
        ('"\\ud800\\u0041"', "\ufffdA"),
        ('"\x7f€\U0001f600"', "\x7f€\U0001f600"),
        ("true", True),
        ("false", False),
        ("null", None),
    ],
)
def test_scalars(kernel, text, value):
    for data in (text, text.encode(), bytearray(text.encode()), memoryview(text.encode())):
        read = kernel.loads(data)
        assert type(read) is type(value)
        assert read == value
    assert str(kernel.loads(text)) == str(value)
    assert kernel.loads(f"[{text}]")[0] == value


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (-1.5, "-1.5"),
        (1e20, "100000000000000000000"),
        (123456789012345680000.0, "123456789012345680000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (1e-6, "0.000001"),
        (1.25e-6, "0.00000125"),
        (1e-7, "1e-7"),
        (-1.5e-9, "-1.5e-9"),
        (5e-324, "5e-324"),
        (0.1, "0.1"),
        (100.25, "100.25"),
        (2.0**53, "9007199254740992"),
        (2.0**62, "4611686018427388000"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740993, "9007199254740993"),
        (-(2**63), "-9223372036854775808"),
    ],
)
def test_numbers_are_written_as_go_does(kernel, number, text):
    assert kernel.dumps(number).decode() == text
    assert kernel.dumps(kernel.freeze({"k": [number]})).decode() == f'{{"k":[{text}]}}'


def test_strings_are_written_with_the_fewest_escapes(kernel):
    text = "".join(map(chr, range(0x20))) + '"\\/<>&\x7f\x80é€\u2028\U0001f600'
    escapes = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"}
    written = "".join(escapes.get(i, f"\\u{i:04x}") for i in range(0x20))
    written += '\\"\\\\/<>&\x7f\x80é€\u2028\U0001f600'
    for prefix in ("", "x" * 7, "x" * 8, "x" * 17):
        assert kernel.dumps(prefix + text).decode() == f'"{prefix}{written}"'
        assert kernel.loads(kernel.dumps(prefix + text)) == prefix + text
        assert (
            kernel.dumps(kernel.freeze({prefix + text: 1})).decode() == f'{{"{prefix}{written}":1}}'
        )


def test_the_last_of_repeated_keys_wins(kernel):
    assert kernel.dumps(kernel.loads('{"b":1,"a":2,"b":{"x":1},"\\u0062":3}')) == b'{"a":2,"b":3}'
    pairs = ",".join(f'"k{i % 50:02}":{i}' for i in range(1000))
    assert kernel.loads("{" + pairs + "}") == {f"k{i:02}": 950 + i for i in range(50)}


def test_keys_are_sorted_by_code_point(kernel):
    keys = ["é", "z", "\U0001f600", "\uffff", "a", "A", "", "aa", "\x7f", "ÿ", "Ā"]
    value = kernel.loads("{" + ",".join(f'"{key}":0' for key in keys) + "}")
    assert list(value) == sorted(keys)
    assert list(kernel.freeze(dict.fromkeys(keys, 0))) == sorted(keys)
    built = kernel.EMPTY_MAP
    for key in keys:
        built = built.set(key, 0)
    assert list(built) == sorted(keys)
    assert built == value
    assert [built[key] for key in keys] == [0] * len(keys)


def test_dumps_refuses_what_is_not_frozen(kernel):
    for value in ({}, [], (), {1}, b"x"):
        with pytest.raises(TypeError, match=f"{type(value).__name__} is not frozen"):
            kernel.dumps(value)
    for value in (2**63, float("nan"), "\ud800"):
        with pytest.raises(ValueError):  # noqa: PT011 (three different messages)
            kernel.dumps(value)


def test_loads_refuses_other_types(kernel):
    for value in (1, None, [], {}):
        with pytest.raises(TypeError) as caught:
            kernel.loads(value)
        assert str(caught.value) == f"loads takes bytes or str, not {type(value).__name__}"


def test_content_hash_is_blake2b_of_the_text(kernel):
    assert kernel.content_hash(kernel.EMPTY_MAP) == 0x1E7B720FF566D53
    one = kernel.loads('{"b":1,"a":[1.0]}')
    two = kernel.freeze({"a": [1], "b": 1})
    assert kernel.content_hash(one) == kernel.content_hash(two)
    assert kernel.content_hash(one) != kernel.content_hash(two.set("b", 2))
    assert 0 <= kernel.content_hash("x") < 2**64


def test_json_error_is_an_ordinary_exception(kernel):
    error = kernel.JSONError("bad", 7)
    assert (error.message, error.position, error.args) == ("bad", 7, ("bad", 7))
    with pytest.raises(TypeError):
        kernel.JSONError("bad")
