"""URLs are taken apart and refused as Go's `net/url` does."""

import pytest

from kcore.machinery.go_url import Url, UrlError, parse_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://h:1/p?q#f", Url("https", None, "h:1", "q", "f")),
        ("HTTPS://u:p@h", Url("https", "u:p", "h", "", "")),
        ("https:opaque", Url("https", None, "", "", "")),
        ("///p", Url("", None, "", "", "")),
        ("https://[::1]:8/p", Url("https", None, "[::1]:8", "", "")),
        ("", Url("", None, "", "", "")),
    ],
)
def test_a_url_has_its_parts(text, expected):
    assert parse_url(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (":x", 'parse ":x": missing protocol scheme'),
        ("1a:b", 'parse "1a:b": first path segment in URL cannot contain colon'),
        ("https://h:x/p#f", 'parse "https://h:x/p": invalid port ":x" after host'),
        ("https://a b/", 'parse "https://a b/": invalid character " " in host name'),
        ("https://h/%zz", 'parse "https://h/%zz": invalid URL escape "%zz"'),
        ("https://[::1/p", "parse \"https://[::1/p\": missing ']' in host"),
        ("a\x00b", 'parse "a\\x00b": net/url: invalid control character in URL'),
    ],
)
def test_a_text_that_is_no_url_is_refused(text, problem):
    with pytest.raises(UrlError) as refusal:
        parse_url(text)

    assert str(refusal.value) == problem
