"""Whatever happened, at the head, in the past and in forks: an index finds what reading finds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.store.mvcc import Store
from kcore.store.selection import Answer, Selected, SelectionIndex
from tests.store.selecting import (
    FACETS,
    FIELDS,
    PODS,
    SELECTORS,
    STEPS,
    read_keys,
    selected_keys,
    write,
)

QUESTIONS = st.lists(st.tuples(SELECTORS, FIELDS), min_size=1, max_size=4)


def agree(store, view, questions):
    index = store.selections("pods").at(FACETS, view)
    index.check_invariants(view.range())
    for selector, fields in questions:
        wanted = read_keys(view, selector, fields)
        assert selected_keys(store, view, selector, fields) == wanted
        part = read_keys(view, selector, fields, "b/", "b0")
        assert selected_keys(store, view, selector, fields, start="b/", end="b0") == part


@settings(max_examples=60)
@given(STEPS, STEPS, STEPS, QUESTIONS)
def test_head_past_and_forks(first, second, third, questions):
    store = Store()
    write(store, first)
    agree(store, store.view("pods"), questions)
    early = store.view("pods")
    fork = store.fork()
    write(store, second)
    write(fork, third)
    agree(fork, fork.view("pods"), questions)
    agree(store, early, questions)
    agree(store, store.view("pods"), questions)
    for revision in range(max(1, store.revision - 3), store.revision + 1):
        agree(store, store.view("pods", revision), questions)
    agree(fork, early, questions)
    store.check_invariants()
    fork.check_invariants()


@settings(max_examples=30)
@given(STEPS, STEPS, QUESTIONS)
def test_a_fork_asked_before_its_parent(first, second, questions):
    store = Store()
    write(store, first)
    fork = store.fork()
    agree(fork, fork.view("pods"), questions)  # Both still share one bucket.
    write(store, second)
    agree(store, store.view("pods"), questions)
    agree(fork, fork.view("pods"), questions)


@settings(max_examples=30)
@given(STEPS, STEPS, QUESTIONS)
def test_after_history_is_forgotten(first, second, questions):
    store = Store()
    write(store, first)
    old = store.view("pods")
    agree(store, old, questions)
    write(store, second)
    if store.revision > 1:
        store.compact(store.revision)
    agree(store, store.view("pods"), questions)
    agree(store, old, questions)
    agree(store, store.view("pods"), questions)


@settings(max_examples=30)
@given(st.lists(PODS, min_size=1, max_size=12), SELECTORS, FIELDS, st.integers(1, 5))
def test_pages_put_together_are_the_list(pods, selector, fields, limit):
    store = Store()
    for number, pod in enumerate(pods * 3):
        store.put("pods", f"{'abc'[number % 3]}/{number * 7 % 31:02}", pod)
    view = store.view("pods")
    index = SelectionIndex.load(FACETS, view.range())
    plan = index.plan(selector, fields)
    bitmap = plan.bitmap(index.ids.live)
    wanted = [entry.key for entry in Selected(view, index.answer(selector, fields))]
    assert wanted == sorted(wanted)
    assert len(wanted) == len(bitmap) <= plan.count_max(len(index))
    for keeps in (True, False):
        found, start = [], ""
        kept = index.answer(selector, fields)
        assert kept.bitmap == bitmap
        while True:
            answer = kept if keeps else Answer(index.ids, bitmap, plan.is_exact)
            page = [entry.key for entry in Selected(view, answer).page(start, "", limit)]
            found += page
            if len(page) < limit:
                break
            start = page[-1] + "\0"
        assert found == wanted
