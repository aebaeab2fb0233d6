"""A small world to select in: pods with labels, a phase and owners, and random selectors."""

from hypothesis import strategies as st

from kcore.machinery.fields import FieldRequirement, FieldSelector
from kcore.machinery.frozen import EMPTY_LIST, freeze
from kcore.machinery.labels import EVERYTHING, NOTHING, Requirement, Selector
from kcore.store.selection import Facets


def labels_of(value):
    return value.get("labels")


def phase_of(value):
    return (value.get("phase") or "",)


def owners_of(value):
    return tuple(value.get("owners") or EMPTY_LIST)


FACETS = Facets(labels_of, {"phase": phase_of, "owner": owners_of})

KEYS = [f"{namespace}/{number}" for namespace in ("a", "b", "c") for number in range(6)]
LABELS = st.one_of(
    st.none(),
    st.dictionaries(st.sampled_from(["app", "env", "n"]), st.sampled_from(["x", "y", "1", "5"])),
)
PODS = st.fixed_dictionaries(
    {
        "labels": LABELS,
        "phase": st.sampled_from(["", "Running", "Failed"]),
        "owners": st.lists(st.sampled_from(["u1", "u2", "u3"]), max_size=3),
    }
).map(freeze)
# (key, what it holds from now on; None: nothing)
STEPS = st.lists(
    st.tuples(st.sampled_from(KEYS), st.one_of(st.none(), PODS, PODS, PODS)), max_size=30
)

_VALUES = st.lists(st.sampled_from(["x", "y", "1", "z"]), min_size=1, max_size=3)
_REQUIREMENTS = st.one_of(
    st.builds(
        lambda key, operator, values: Requirement(key, operator, tuple(values)),
        st.sampled_from(["app", "env", "n"]),
        st.sampled_from(["in", "notin"]),
        _VALUES,
    ),
    st.builds(
        lambda key, operator, value: Requirement(key, operator, (value,)),
        st.sampled_from(["app", "env", "n"]),
        st.sampled_from(["=", "==", "!=", "gt", "lt"]),
        st.sampled_from(["x", "1", "3"]),
    ),
    st.builds(
        Requirement, st.sampled_from(["app", "env", "other"]), st.sampled_from(["exists", "!"])
    ),
)
SELECTORS = st.one_of(
    st.lists(_REQUIREMENTS, max_size=4).map(Selector), st.sampled_from([EVERYTHING, NOTHING])
)
# `owner` has no single text, so no field selector of the API names it.
FIELDS = st.lists(
    st.builds(
        FieldRequirement,
        st.sampled_from(["phase", "unindexed"]),
        st.sampled_from(["=", "!="]),
        st.sampled_from(["", "Running", "Failed", "Other"]),
    ),
    max_size=2,
).map(lambda terms: FieldSelector(tuple(terms)))


def field_of(value, name):
    return phase_of(value)[0] if name == "phase" else ""


def write(store, steps):
    for key, pod in steps:
        if pod is not None:
            store.put("pods", key, pod)
        elif store.get("pods", key) is not None:
            store.delete("pods", key)


def is_selected(value, selector, fields):
    return selector.matches(labels_of(value)) and fields.matches(lambda name: field_of(value, name))


def selected_keys(store, view, selector, fields, **where):
    """What the index finds, asked again where it says that it must be."""
    found = store.selections("pods").select(FACETS, view, selector, fields)
    entries = found.entries(**where)
    if found.is_exact:
        return [entry.key for entry in entries]
    return [entry.key for entry in entries if is_selected(entry.value, selector, fields)]


def read_keys(view, selector, fields, start="", end=""):
    """What reading everything finds."""
    return [
        entry.key for entry in view.range(start, end) if is_selected(entry.value, selector, fields)
    ]
