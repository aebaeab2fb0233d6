"""Texts that nobody should write: each is read, or refused with the error made for it."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kcore.errors import ManifestError
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.manifest import load_manifests

SOUND = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n name: a\n labels: {a: b}\ndata:\n  k: |\n   v\n",
    '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod","spec":null}]}',
    "# c\n---\napiVersion: v1\nkind: Pod\nspec: &s {n: 1}\nstatus: *s\n---\n",
)
PIECES = st.sampled_from(
    [
        *"\t\n\r\x00:#,-?[]{}\"'|>~*&!%@`",
        "\ufeff",
        "\u2028",
        "\x85",
        "\ud800",
        "\\ud800",
        "<<: ",
        "*s",
        "!!binary |",
        "!!python/object:x",
        "!!set",
        "!!timestamp",
        "--- ",
        "...",
        "0x",
        "1e999",
        ".inf",
        ".nan",
        "9" * 400,
        "9" * 5000,
        "0x" + "f" * 400,
        "[" * 400,
        "{a: " * 400,
        "- " * 400,
        "&a [*a, *a]",
        "kind: List\nitems:\n- ",
        "kind: 3\n",
        "apiVersion: {}\n",
        "[a]: 3\n",
        "1.5: 3\n",
        "null: 2\n",
    ]
)
EDITS = st.lists(
    st.tuples(st.integers(0, 120), st.integers(0, 6), PIECES | st.text(max_size=3)), max_size=4
)


def read(text):
    """The manifests of a text; none when it is refused, with its file's name."""
    try:
        return load_manifests(text, source="hostile.yaml")
    except ManifestError as error:
        complaint = str(error)
    assert complaint.startswith("hostile.yaml")
    return []


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SOUND), EDITS)
@example(SOUND[0], [(46, 1, "9" * 400)])
@example(SOUND[0], [(46, 1, "\ud800")])
@example(SOUND[1], [(9, 4, "[" * 400)])
def test_manifests_are_read_or_refused(text, edits):
    for place, length, piece in edits:
        text = text[:place] + piece + text[place + length :]
    for manifest in read(text):
        assert isinstance(manifest.object, FrozenMap)
        assert manifest.locate("metadata.labels[0].a") >= 0
        assert manifest.locate("[") >= 0
        assert all(line >= 1 for line in manifest.lines.values())


def test_an_integer_beyond_floats_stays_text():
    (manifest,) = load_manifests(f"apiVersion: v1\nkind: X\nspec: {'9' * 400}\n")
    assert manifest.object["spec"] == "9" * 400
