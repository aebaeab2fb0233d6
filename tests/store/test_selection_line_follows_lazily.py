"""An index is made when it pays, follows when it is asked, and costs writes nothing."""

from kcore.machinery.frozen import freeze
from kcore.machinery.labels import parse_selector
from kcore.store.mvcc import Store
from kcore.store.selection import selection_index, selection_line
from kcore.store.selection.facets import Facets
from tests.store.selecting import FACETS, labels_of

COUNT = 600
READINGS = selection_line.READINGS_BEFORE_INDEX_COUNT


def filled_store(count=COUNT):
    store = Store()
    for number in range(count):
        store.put("pods", f"ns/{number:04}", pod(number))
    return store


def pod(number):
    return freeze({"labels": {"app": f"a{number % 10}", "env": "prod"}})


def ask(store, text, revision=None):
    view = store.view("pods", revision)
    return store.selections("pods").at(FACETS, view).bitmap(parse_selector(text))


def test_an_index_is_due_after_reading_everything_a_few_times():
    store = filled_store()
    line, view = store.selections("pods"), store.view("pods")
    told = [line.worth_asking(FACETS, view, len(view)) for _ in range(READINGS + 2)]
    assert told == [False] * READINGS + [True] * 2


def test_small_worlds_are_read():
    store = filled_store(100)
    line, view = store.selections("pods"), store.view("pods")
    assert not any(line.worth_asking(FACETS, view, len(view)) for _ in range(100))


def test_an_index_too_far_behind_is_left_alone():
    store = filled_store()
    assert len(ask(store, "app=a3")) == COUNT // 10
    line = store.selections("pods")
    store.put("pods", "ns/new", pod(3))
    assert line.worth_asking(FACETS, store.view("pods"), COUNT)
    for number in range(COUNT // selection_line.READINGS_PER_CHANGE):
        store.put("pods", f"ns/{number:04}", pod(number + 1))
    assert not line.worth_asking(FACETS, store.view("pods"), COUNT)


def test_the_same_state_has_the_same_index():
    store = filled_store()
    view = store.view("pods")
    first = store.selections("pods").at(FACETS, view)
    assert store.selections("pods").at(FACETS, view) is first
    store.put("secrets", "ns/x", freeze({}))
    assert store.selections("pods").at(FACETS, store.view("pods")) is first
    fork = store.fork()
    assert fork.selections("pods").at(FACETS, fork.view("pods")) is first


def test_an_old_revision_is_remembered_and_the_head_goes_on():
    store = filled_store()
    old = store.revision
    ask(store, "env=prod")
    store.put("pods", "ns/new", pod(3))
    head = ask(store, "app=a3")
    line = store.selections("pods")
    past = line.at(FACETS, store.view("pods", old))
    assert len(past.bitmap(parse_selector("app=a3"))) == COUNT // 10
    assert line.at(FACETS, store.view("pods", old)) is past
    assert ask(store, "app=a3") == head
    assert len(head) == COUNT // 10 + 1


def test_a_published_index_never_changes():
    store = filled_store()
    index = store.selections("pods").at(FACETS, store.view("pods"))
    before = list(store.view("pods").range())
    for number in range(0, COUNT, 3):
        store.delete("pods", f"ns/{number:04}")
    assert len(ask(store, "env=prod")) == COUNT - COUNT // 3
    index.check_invariants(before)


def test_other_facets_have_another_index():
    store = filled_store()
    ask(store, "env=prod")
    other = Facets(labels_of, {})
    index = store.selections("pods").at(other, store.view("pods"))
    assert index.facets is other
    assert index.fields.keys() == []


def test_an_answer_is_kept_until_something_is_written():
    store = filled_store()
    view, selector = store.view("pods"), parse_selector("app=a3")
    index = store.selections("pods").at(FACETS, view)
    first = index.answer(selector)
    assert index.answer(parse_selector("app=a3")) is first
    assert first.keys == sorted(first.keys) == first.keys
    for number in range(selection_index.ANSWERS_COUNT_MAX):
        index.answer(parse_selector(f"app=x{number}"))
    assert index.answer(selector) is not first
    moved = index.copy()
    moved.replace("ns/0003", pod(3), pod(4))
    before = moved.answer(selector)
    moved.replace("ns/0013", pod(13), pod(14))
    assert len(moved.answer(selector).bitmap) == len(before.bitmap) - 1
    assert len(index.answer(selector).bitmap) == COUNT // 10
