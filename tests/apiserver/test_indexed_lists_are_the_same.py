"""Lists answered by postings are those that reading everything gives: items, pages, revisions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.request import ListOptions, Request
from kcore.store.selection import SelectionLine, selection_line

LABEL_SELECTORS = ["", "app=web", "app in (web,db)", "!app", "tier,app!=db", "n>2", "app=none"]
FIELD_SELECTORS = [
    "",
    "status.phase=Pending",
    "status.phase!=Pending",
    "spec.nodeName=n1",
    "spec.nodeName=",
    "spec.restartPolicy=Always",
    "metadata.name=p3",
    "metadata.namespace=other",
]
NAMESPACES = ["", "default", "other"]
LABELS = st.dictionaries(
    st.sampled_from(["app", "tier", "n"]), st.sampled_from(["web", "db", "1", "3"])
)
PODS = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.sampled_from(["default", "other"]),
        LABELS,
        st.sampled_from(["", "n1", "n2"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture
def indexed(monkeypatch):
    """Whether lists use an index, to be switched; counts the lists that did."""

    class Switch:
        used_count = 0

        def __call__(self, *, on):
            limit = 0 if on else 1 << 60
            monkeypatch.setattr(selection_line, "OBJECTS_COUNT_MIN", limit)
            monkeypatch.setattr(selection_line, "READINGS_BEFORE_INDEX_COUNT", -1)
            monkeypatch.setattr(selection_line, "READINGS_PER_CHANGE", 0)

    switch, made = Switch(), SelectionLine.at

    def counted(self, facets, view):
        switch.used_count += 1
        return made(self, facets, view)

    monkeypatch.setattr(SelectionLine, "at", counted)
    return switch


def write(door, make, steps):
    for number, namespace, labels, node, removes in steps:
        name = f"p{number}"
        if name in door.names("pods", namespace):
            door.delete("pods", name, namespace, grace_period_s=0)
        if not removes:
            door.create("pods", make.pod(name, node, labels=labels), namespace=namespace)


def pages(server, namespace, options):
    """Every page of a list, as texts."""
    found, token = [], ""
    while True:
        fields = dict(options, continue_token=token)
        if token:
            fields.pop("resource_version", None)
        request = Request("list", "pods", namespace=namespace, list_options=ListOptions(**fields))
        body = server.handle(request).body
        found.append(body)
        token = body["metadata"].get("continue") or ""
        if not token:
            return found


QUESTIONS = st.lists(
    st.fixed_dictionaries(
        {
            "namespace": st.sampled_from(NAMESPACES),
            "label_selector": st.sampled_from(LABEL_SELECTORS),
            "field_selector": st.sampled_from(FIELD_SELECTORS),
            "limit": st.sampled_from([0, 0, 1, 3]),
            "asks": st.sampled_from(["head", "past", "fork"]),
        }
    ),
    min_size=10,
    max_size=30,
)


def test_every_selector_at_every_revision(make, indexed):
    @settings(max_examples=60)
    @given(first=PODS, second=PODS, questions=QUESTIONS)
    def compare(first, second, questions):
        door = make.door()
        door.create("namespaces", {"metadata": {"name": "other"}})
        write(door, make, first)
        early, fork = door.store.revision, door.fork().server
        write(door, make, second)

        def answers():
            for question in questions:
                options = dict(question)
                server = fork if options["asks"] == "fork" else door.server
                if options.pop("asks") == "past":
                    options |= {"limit": max(options["limit"], 1), "resource_version": str(early)}
                yield pages(server, options.pop("namespace"), options)

        indexed(on=False)
        wanted = list(answers())
        indexed(on=True)
        assert list(answers()) == wanted
        door.store.check_invariants()

    compare()
    assert indexed.used_count > 200
