"""Which values of a bucket select some labels: as asking each would tell, at any revision."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.machinery.labels import from_label_selector
from kcore.store.mvcc import Store
from kcore.store.selection import Selecting


def selector_of(budget):
    return from_label_selector(budget["selector"]) if "selector" in budget else None


def scope_of(budget):
    return budget["namespace"]


RULE = Selecting(selector_of, scope_of)
SELECTORS = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {"matchLabels": st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"))}
    ),
    st.sampled_from(
        [
            {"matchExpressions": [{"key": "a", "operator": "Exists"}]},
            {"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["x"]}]},
        ]
    ),
)
STEPS = st.lists(
    st.tuples(st.integers(0, 5), st.one_of(st.none(), st.just({"x": 1}), SELECTORS)), max_size=15
)
ASKED = [None, {}, {"a": "x"}, {"a": "y", "b": "x"}, {"b": "y"}]


def write(store, steps):
    for number, selector in steps:
        namespace = f"n{number % 2}"
        key = f"{namespace}/{number}"
        if selector is None:
            if store.get("budgets", key) is not None:
                store.delete("budgets", key)
        elif selector == {"x": 1}:
            store.put("budgets", key, freeze({"namespace": namespace}))
        else:
            store.put("budgets", key, freeze({"namespace": namespace, "selector": selector}))


def agree(store, view):
    index = store.selections("budgets").selecting(RULE, view)
    for labels in ASKED:
        for namespace in ("n0", "n1"):
            wanted = [
                entry.key
                for entry in view.range()
                if entry.value["namespace"] == namespace
                and selector_of(entry.value) is not None
                and selector_of(entry.value).matches(labels)
            ]
            assert index.matching(labels, namespace) == wanted


@settings(max_examples=60)
@given(STEPS, STEPS, STEPS)
def test_head_past_and_forks(first, second, third):
    store = Store()
    write(store, first)
    early = store.view("budgets")
    agree(store, early)
    fork = store.fork()
    write(store, second)
    write(fork, third)
    for one in (fork, store):
        agree(one, one.view("budgets"))
        agree(one, early)
        agree(one, one.view("budgets"))
        one.check_invariants()
