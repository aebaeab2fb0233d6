"""Watches whose changes are noted for all at once say what one says that asks its own selector."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.api.catalog import default_scheme
from kcore.apiserver.bootstrap import bootstrap
from kcore.apiserver.server import APIServer
from kcore.apiserver.view import ObjectView
from kcore.apiserver.watching import _under
from kcore.apiserver.whole_watch import too_old
from kcore.errors import ApiError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import freeze
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import VirtualClock
from kcore.runtime.trace import Trace
from kcore.store.mvcc import Store
from kcore.store.revision import CompactedError
from kcore.store.selection import interests
from tests.apiserver.conftest import Door

EXAMPLES_COUNT = 3_000 if settings.get_current_profile_name() == "deep" else 200

NAMESPACES = st.sampled_from(["default", "other"])
NAMES = st.sampled_from(["a", "b", "c"])
LABELS = st.sampled_from([None, {}, {"x": "1"}, {"x": "2"}, {"x": "1", "y": "1"}, {"y": "7"}])
NODES = st.sampled_from(["", "n1", "n2"])
SELECTORS = st.sampled_from(
    [
        {},
        {"label_selector": "x=1"},
        {"label_selector": "x"},
        {"label_selector": "!x"},
        {"label_selector": "x!=1"},
        {"label_selector": "x in (1,2),y notin (1)"},
        {"label_selector": "y>3"},
        {"field_selector": "metadata.name!=a"},
        {"field_selector": "metadata.name=b", "label_selector": "x"},
        {"field_selector": "spec.nodeName=n1"},
        {"field_selector": "spec.nodeName="},
        {"field_selector": "metadata.namespace=other,spec.nodeName!=n2"},
    ]
)
WATCHERS = st.integers(0, 5)
STEPS = st.one_of(
    st.tuples(st.just("put"), NAMESPACES, NAMES, LABELS, NODES),
    st.tuples(st.just("put"), NAMESPACES, NAMES, LABELS, NODES),
    st.tuples(st.just("delete"), NAMESPACES, NAMES),
    st.tuples(st.just("watch"), st.sampled_from(["", "default"]), SELECTORS, st.integers(0, 9)),
    st.tuples(st.just("ask"), WATCHERS),
    st.tuples(st.just("next"), WATCHERS),
    st.tuples(st.just("view"), WATCHERS),
    st.tuples(st.just("fork"), st.booleans()),
    st.tuples(st.just("compact"), st.integers(0, 4)),
)


class AskingWatch:
    """A watch that asks its selector about each change, one after the other."""

    def __init__(self, cursor, selection):
        self.cursor, self.selection, self.ready = cursor, selection, None

    @property
    def view(self):
        bucket = self.cursor.view if self.ready is None else self.ready[1]
        return ObjectView(bucket, self.selection)

    def pending(self):
        while self.ready is None and self.cursor.pending():
            try:
                before, change = self.cursor.view, self.cursor.next()
            except CompactedError as error:
                raise too_old(self.cursor.revision, error.compact_revision) from None
            event = _under(self.selection, change)
            self.ready = None if event is None else (event, before)
        return self.ready is not None

    def next(self):
        self.pending()
        ready, self.ready = self.ready, None
        return None if ready is None else ready[0]

    def fork(self, memo):
        twin = AskingWatch(self.cursor.fork(memo), self.selection)
        twin.ready = self.ready
        return twin


class World:
    """A server, and pairs of watches that are to agree."""

    def __init__(self, history_count_max):
        clock, trace = VirtualClock(), Trace()
        server = APIServer(
            Store(history_count_max), default_scheme(), clock, SeededSource(1), trace
        )
        bootstrap(server)
        self.door, self.pairs = Door(server, clock, trace), []

    def fork(self):
        twin, memo = object.__new__(World), ForkMemo()
        door = self.door
        twin.door = Door(memo(door.server), memo(door.clock), memo(door.trace))
        twin.pairs = [tuple(one.fork(memo) for one in pair) for pair in self.pairs]
        return twin

    def do(self, kind, *rest):
        store = self.door.store
        if kind == "put":
            namespace, name, labels, node = rest
            metadata = {"namespace": namespace, "name": name, "uid": f"{namespace}/{name}"}
            metadata["resourceVersion"] = str(store.next_revision)
            metadata |= {} if labels is None else {"labels": labels}
            value = freeze({"metadata": metadata, "spec": {"nodeName": node} if node else {}})
            store.put("pods", f"{namespace}/{name}", value)
        elif kind == "delete":
            key = "/".join(rest)
            if store.get("pods", key) is not None:
                store.delete("pods", key)
        elif kind == "watch":
            self.watch(*rest)
        elif kind == "compact" and store.revision - rest[0] > store.compact_revision:
            store.compact(store.revision - rest[0])
        elif self.pairs and kind in ("ask", "next", "view"):
            pair = self.pairs[rest[0] % len(self.pairs)]
            assert answer_of(pair[0], kind) == answer_of(pair[1], kind)

    def watch(self, namespace, selector, back):
        store = self.door.store
        if not namespace and not selector:
            return  # Told everything, without asking anybody.
        revision = max(store.revision - back, 1)
        try:
            asking = store.watch("pods", revision)
        except CompactedError:
            return
        stream = self.door.watch("pods", namespace, resource_version=str(revision), **selector)
        self.pairs.append((stream, AskingWatch(asking, stream._selection)))
        del self.pairs[:-6]


def answer_of(watch, kind):
    try:
        if kind == "ask":
            return watch.pending()
        if kind == "next":
            return watch.next()
        return watch.view.revision, list(watch.view.list())
    except ApiError as error:
        return error.code, str(error)
    except CompactedError:
        return "no view"


@given(
    steps=st.lists(STEPS, max_size=60),
    history_count_max=st.sampled_from([4, 20, 1_000]),
    unasked_count_max=st.sampled_from([1, 3, 1_000]),
)
@settings(max_examples=EXAMPLES_COUNT, deadline=None)
def test_told_as_if_asked(steps, history_count_max, unasked_count_max):
    kept, interests.UNASKED_COUNT_MAX = interests.UNASKED_COUNT_MAX, unasked_count_max
    try:
        run(World(history_count_max), steps)
    finally:
        interests.UNASKED_COUNT_MAX = kept


def run(world, steps):
    others = []
    for kind, *rest in steps:
        if kind == "fork":
            twin = world.fork()
            world, other = (twin, world) if rest[0] else (world, twin)
            others = [*others[-1:], other]
        else:
            world.do(kind, *rest)
    for one in (world, *others):
        for pair in one.pairs:
            for kind in ("view", "ask", "view", *["next", "view"] * 12, "ask"):
                assert answer_of(pair[0], kind) == answer_of(pair[1], kind)
        for held in (one.door.store._interests or {}).values():
            held.check_invariants()
