"""What a template and its texts are answered with is what the body that they make is answered."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.api.core_v1.binding import BINDING_OF_POD
from kcore.errors import ApiError
from kcore.machinery.frozen import Template, freeze
from kcore.machinery.request import DeleteOptions, Line, Request, WriteOptions, filled
from kcore.runtime.clock import SECOND_NS
from tests.apiserver.test_stamped_creates import World

_FIELDS = (("metadata", "name"), ("involvedObject", "name"), ("message",), ("firstTimestamp",))


def template(reason: str, *fields: Any) -> Template:
    """Of events with this reason."""
    body = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"namespace": "default"},
        "involvedObject": {"kind": "Pod", "namespace": "default"},
        "reason": reason,
        "type": "Normal",
    }
    return Template(freeze(body), *_FIELDS, *fields)


UID = ("involvedObject", "uid")
TEMPLATES = [template("One"), template("Two"), template("One", UID), template("One", ("source",))]
EVENT = Request("create", "events", namespace="default", user="actor")
EVENTS = [EVENT, Request(*EVENT), EVENT._replace(namespace="gone")]
EVENTS.append(EVENT._replace(write_options=WriteOptions(dry_run=True)))
BINDING = Request("create", "pods", namespace="default", subresource="binding", user="actor")
BINDINGS = [BINDING, Request(*BINDING), BINDING._replace(namespace="gone")]
BINDINGS.append(BINDING._replace(write_options=WriteOptions(dry_run=True)))

NAMES = st.sampled_from(["a", "b", "c.1", "d-2", "", "Not/one", "x" * 260])
WORDS = st.sampled_from(["said", "done", ""])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("event"), st.integers(0, 3), st.integers(0, 3), NAMES, WORDS, WORDS),
        st.tuples(st.just("bind"), st.integers(0, 3), st.integers(0, 5), st.integers(0, 3), WORDS),
        st.sampled_from([("time",), ("gone",), ("node",), ("again",)]),
    ),
    max_size=40,
)


class Actor:
    """Sends along lines, either templates and texts or the bodies they make."""

    def __init__(self, *, fills: bool, stamps: bool) -> None:
        self.world, self.fills = World(stamps=stamps), fills
        self.lines = [self.line(request) for request in (EVENT, BINDING)]
        for number in range(6):
            containers = [{"name": "one", "image": "one"}]
            body = {"metadata": {"name": f"p{number}"}, "spec": {"containers": containers}}
            body |= {"apiVersion": "v1", "kind": "Pod"}
            answer = self.world.send("create", "pods", namespace="default", body=freeze(body))
            assert answer[0]["metadata"]["name"] == f"p{number}"

    def line(self, request: Request) -> Line:
        """To the server."""
        line = Line(self.world.server.handle)
        self.world.server.shorten(line, request)
        return line

    def send(self, line: Line, request: Request, made_by: Template, texts: tuple[str, ...]) -> Any:
        """The refusal's words, if there is one: who fills in a template is told no more."""
        try:
            if self.fills:
                line.fill(request, made_by, texts)
            else:
                line.answer(filled(request, made_by, texts))
        except ApiError as error:
            return error.code, error.reason, error.message
        return "done"

    def act(self, step: tuple[Any, ...]) -> Any:
        """Do as told."""
        match step:
            case "event", form, sort, name, about, message:
                now = self.world.server.context.now_text()
                last = () if form < 2 else (message,)
                texts = (name, about, message, now, *last)
                return self.send(self.lines[0], EVENTS[sort], TEMPLATES[form], texts)
            case "bind", sort, pod, node, word:
                stored = self.world.server.context.storage.get("pods", "default", f"p{pod}")
                uid = stored["metadata"]["uid"] if stored and word == "said" else word
                texts = (f"p{pod}", uid, f"n{node}" if node else "")
                return self.send(self.lines[1], BINDINGS[sort], BINDING_OF_POD, texts)
            case ("time",):
                self.world.clock.advance_to(self.world.clock.now_ns() + SECOND_NS)
            case ("gone",):
                options = DeleteOptions()
                return self.world.send("delete", "namespaces", name="gone", delete_options=options)
            case ("node",):
                node = {"apiVersion": "v1", "kind": "Node", "metadata": {"generateName": "n"}}
                node["metadata"] = {"name": "n1", "labels": {"topology.kubernetes.io/zone": "z"}}
                return self.world.send("create", "nodes", body=freeze(node))
            case ("again",):
                self.world.server.add_plugins([])
        return None


@settings(max_examples=60)
@given(STEPS)
def test_templates_are_answered_like_bodies(steps: list[tuple[Any, ...]]) -> None:
    """With stamps and without, and objects and draws are the same in the end."""
    actors = [Actor(fills=True, stamps=True), Actor(fills=False, stamps=True)]
    actors.append(Actor(fills=False, stamps=False))
    for step in [("node",), *steps, *steps]:
        first, *others = [actor.act(step) for actor in actors]
        assert others == [first, first]
    assert len({actor.world.trace.digest for actor in actors}) == 1


def test_the_body_is_not_made_where_it_is_known() -> None:
    """Of the third event and binding on, a template that cannot be filled is good enough."""
    actor = Actor(fills=True, stamps=True)
    actor.act(("node",))
    made: list[str] = []

    class Seen:
        """A template that tells when it is filled."""

        def __init__(self, hidden: Template) -> None:
            self.hidden, self.paths = hidden, hidden.paths

        def __call__(self, *texts: str) -> Any:
            made.append(texts[0])
            return self.hidden(*texts)

    seen: Any = Seen(TEMPLATES[0])
    for number in range(5):
        texts = (f"e{number}", "web", "said", actor.world.server.context.now_text())
        assert actor.send(actor.lines[0], EVENT, seen, texts) == "done"
    assert made == ["e0", "e1"]
