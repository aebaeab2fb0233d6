"""Creates of a body that came before answer exactly as creates that go the long way."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.api.catalog import default_scheme
from kcore.apiserver.admission.plugin import Attributes, Objects
from kcore.apiserver.admission.plugins import default_plugins
from kcore.apiserver.bootstrap import bootstrap
from kcore.apiserver.server import APIServer
from kcore.apiserver.stamps import Variants
from kcore.errors import ApiError
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.request import DeleteOptions, Request, WriteOptions
from kcore.runtime.choice import ChoiceSource, FairSource, SeededSource
from kcore.runtime.clock import SECOND_NS, VirtualClock
from kcore.runtime.trace import Trace
from kcore.store.mvcc import Store


class Watchful:
    """Sees every write, changes nothing, and does not say that it may be spared any."""

    name = "Watchful"

    def __init__(self) -> None:
        self.names: list[str] = []

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """All."""
        return True

    def validate(self, attributes: Attributes, objects: Objects) -> None:
        """Count."""
        self.names.append(attributes.name)


class Unvaried(FairSource):
    """Draws one name for all once it is told to, and counts how often it was asked since."""

    def __init__(self) -> None:
        super().__init__()
        self.is_stuck, self.asked_count = False, 0

    def choose(self, count: int, label: str) -> int:
        """The last of all names, then."""
        self.asked_count += self.is_stuck
        return count - 1 if self.is_stuck and label == "name" else super().choose(count, label)


class World:
    """A server with a clock and a trace."""

    def __init__(self, *, stamps: bool, choices: ChoiceSource | None = None) -> None:
        self.clock, self.trace = VirtualClock(1_700_000_000 * SECOND_NS), Trace()
        self.watchful = Watchful()
        plugins: list[Any] = [*default_plugins(), *([] if stamps else [self.watchful])]
        self.server = APIServer(
            Store(), default_scheme(), self.clock, choices or SeededSource(5), self.trace, plugins
        )
        bootstrap(self.server)
        for name in ("default", "gone"):
            space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            self.send("create", "namespaces", body=freeze(space))

    def send(self, verb: Any, resource: str, **fields: Any) -> Any:
        """The answer, or the refusal's words."""
        group = "scheduling.k8s.io" if resource == "priorityclasses" else ""
        try:
            response = self.server.handle(
                Request(verb=verb, resource=resource, group=group, version="v1", **fields)
            )
        except ApiError as error:
            return error.code, error.reason, error.message
        return response.body, response.warnings

    def pods(self) -> list[FrozenMap]:
        """Every pod."""
        return list(self.server.context.storage.objects("pods"))


def pod(name: str, **spec: Any) -> FrozenMap:
    """A body with a generated name."""
    value: FrozenMap = freeze(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"generateName": name, "labels": {"app": "x"}},
            "spec": {"containers": [{"name": "c", "image": "i"}], **spec},
        }
    )
    return value


BODIES = (
    pod("plain-"),
    pod("gated-", schedulingGates=[{"name": "g"}]),
    pod("urgent-", priorityClassName="urgent"),
    pod("wrong-", nodeName="UPPER CASE"),
    pod("odd-", unknownField=1),
    freeze({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "map-"}}),
    freeze({"apiVersion": "v1", "kind": "Node", "metadata": {"generateName": "node-"}}),
    freeze(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"generateName": "service-"},
            "spec": {"ports": [{"port": 80}]},
        }
    ),
)
PLURALS = {"Pod": "pods", "ConfigMap": "configmaps", "Node": "nodes", "Service": "services"}
NAMESPACES = {"persistentvolumes": ""}
URGENT = {
    "apiVersion": "scheduling.k8s.io/v1",
    "kind": "PriorityClass",
    "metadata": {"name": "urgent"},
}
LIMITS = {
    "apiVersion": "v1",
    "kind": "LimitRange",
    "metadata": {"name": "limits"},
    "spec": {"limits": [{"type": "Container", "default": {"cpu": "2"}}]},
}
EVENT_TEXTS = ("started", "stopped", "2023-11-14T22:13:20Z", "")
EVENT_NAMES = ("a.1", "b.2", "c.3", "d.4", "Not Valid", "e.5")


def event(number: int, now: str) -> FrozenMap:
    """A body as recorders write it; the number decides about its free fields and some others."""
    value: FrozenMap = freeze(
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"namespace": "default", "name": EVENT_NAMES[number % 6]},
            "involvedObject": {"kind": "Pod", "name": f"pod-{number}", "uid": str(number)},
            "reason": ("Started", "Stopped")[number % 7 == 0],
            "message": EVENT_TEXTS[number % 4],
            "firstTimestamp": now,
            "lastTimestamp": now,
            "type": "Normal",
            **({"count": "many"} if number % 11 == 0 else {}),
            **({"eventTime": now} if number % 13 == 0 else {}),
        }
    )
    return value


def claimed(number: int) -> list[tuple[str, FrozenMap]]:
    """A claim, a volume and a pod; the number decides about texts that matter and some that do."""
    name = ("", f"volume-{number}")[number % 5 != 0]
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": ("Not Valid", f"claim-{number}")[number % 7 != 0]},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            "volumeName": name,
        },
    }
    source = {"driver": "csi", "volumeHandle": name}
    if number % 3 == 0:
        disk: dict[str, Any] = {"awsElasticBlockStore": {"volumeID": name}}
    else:
        disk = {"csi": source}
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"volume-{number % 10}"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": "1Gi"},
            "claimRef": {"name": f"claim-{number}", "namespace": "default", "uid": str(number)},
            **disk,
        },
    }
    uses = [{"name": "v", "persistentVolumeClaim": {"claimName": name and f"claim-{number}"}}]
    if number % 4 == 3:
        uses.insert(number % 2, {"name": "w", "emptyDir": {}})
    kinds = ("persistentvolumeclaims", "persistentvolumes")
    bodies = list(zip(kinds, (freeze(claim), freeze(volume)), strict=True))
    return [*bodies, ("pods", pod("claiming-", volumes=uses))]


STEPS = st.one_of(
    st.tuples(st.just("claimed"), st.integers(1, 30)),
    st.tuples(st.just("claimed"), st.integers(1, 30)),
    st.tuples(st.just("event"), st.integers(1, 40)),
    st.tuples(st.just("event"), st.integers(1, 40)),
    st.tuples(st.just("create"), st.sampled_from(range(len(BODIES)))),
    st.tuples(st.just("create"), st.sampled_from((0, 2))),
    st.tuples(st.just("class"), st.integers(1, 3)),
    st.tuples(st.just("limits"), st.booleans()),
    st.tuples(st.just("wait"), st.integers(0, 2)),
)


def act_on_claims(world: World, number: int) -> list[Any]:
    """Create a claim, its volume and a pod that uses it."""
    return [
        world.send("create", plural, namespace=NAMESPACES.get(plural, "default"), body=body)
        for plural, body in claimed(number)
    ]


def act(world: World, step: tuple[str, int]) -> Any:
    """One step in one world."""
    what, number = step
    if what == "create":
        body = BODIES[number]
        namespace = "" if body["kind"] == "Node" else "default"
        return world.send("create", PLURALS[body["kind"]], namespace=namespace, body=body)
    if what == "event":
        now = world.server.context.now_text()
        return world.send("create", "events", namespace="default", body=event(number, now))
    if what == "claimed":
        return act_on_claims(world, number)
    if what == "class":
        world.send("delete", "priorityclasses", name="urgent")
        body = freeze({**URGENT, "value": number})
        return world.send("create", "priorityclasses", body=body)
    if what == "limits":
        verb = "create" if number else "delete"
        fields: dict[str, Any] = {"body": freeze(LIMITS)} if number else {"name": "limits"}
        return world.send(verb, "limitranges", namespace="default", **fields)
    world.clock.advance_to(world.clock.now_ns() + number * SECOND_NS // 2)
    return None


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_the_long_way_and_the_stamp_agree(steps: list[tuple[str, int]]) -> None:
    """Answers, warnings, refusals, and the digest of everything written."""
    stamped, long = World(stamps=True), World(stamps=False)
    for step in steps:
        assert act(stamped, step) == act(long, step)
    assert stamped.trace.digest == long.trace.digest


def test_events_that_differ_in_text_share_a_form() -> None:
    """The third is stamped: what it has in common with the second is the same value."""
    world = World(stamps=True)
    now = world.server.context.now_text()
    for number in (1, 2, 5, 3):
        world.send("create", "events", namespace="default", body=event(number, now))
    stored = {
        one["metadata"]["name"]: one for one in world.server.context.storage.objects("events")
    }
    assert [stored[name].get("message") for name in ("b.2", "c.3", "e.5", "d.4")] == [
        EVENT_TEXTS[1], EVENT_TEXTS[2], EVENT_TEXTS[1], None
    ]  # fmt: skip
    assert stored["e.5"]["metadata"] is not stored["c.3"]["metadata"]
    assert len({one["metadata"]["uid"] for one in stored.values()}) == 4


def test_forms_are_known_by_namespace_user_and_options() -> None:
    """One after the other and all mixed: each object lies where its request says."""
    stamped, long = World(stamps=True), World(stamps=False)
    for number in range(1, 61):
        about: dict[str, Any] = {
            "namespace": ("default", "gone")[number % 2],
            "user": ("one", "two", "three")[number // 2 % 3],
            "write_options": WriteOptions(field_manager="m" * (number // 20)),
            "body": claimed(1)[0][1].set(("metadata", "name"), f"claim-{number}"),
        }
        sent = [
            world.send("create", "persistentvolumeclaims", **about) for world in (stamped, long)
        ]
        assert sent[0] == sent[1]
    assert stamped.trace.digest == long.trace.digest
    claims = stamped.server.context.storage.objects("persistentvolumeclaims", "gone")
    assert [claim["metadata"]["namespace"] for claim in claims] == ["gone"] * 30


def test_claims_volumes_and_pods_of_a_template_are_stamped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of each go the long way; the third is a copy but for its texts."""
    long_ways: list[str] = []
    learn = Variants.learn

    def noted(self: Variants, request: Request, *rest: Any) -> None:
        long_ways.append(request.resource)
        learn(self, request, *rest)

    monkeypatch.setattr(Variants, "learn", noted)
    world = World(stamps=True)
    for number in (1, 2, 4):
        act_on_claims(world, number)

    assert long_ways == ["persistentvolumeclaims", "persistentvolumes", "pods"] * 2
    claims = [
        one.at("spec", "volumes", 0, "persistentVolumeClaim", "claimName") for one in world.pods()
    ]
    assert sorted(claims) == ["claim-1", "claim-2", "claim-4"]


def test_a_plugin_that_promises_nothing_sees_every_create() -> None:
    """The fifth as well as the first."""
    world = World(stamps=False)
    for _ in range(5):
        act(world, ("create", 0))
    assert [name[:6] for name in world.watchful.names[-5:]] == ["plain-"] * 5


def test_stamped_objects_share_what_they_have_in_common() -> None:
    """One spec for all but the first."""
    world = World(stamps=True)
    for _ in range(6):
        act(world, ("create", 0))
    pods = world.pods()
    assert len({one["metadata"]["uid"] for one in pods}) == 6
    assert len({id(one["spec"]) for one in pods}) <= 2


def test_a_terminating_namespace_refuses_stamped_creates_too() -> None:
    """Admission's answer changed, so the stamp no longer holds."""
    world = World(stamps=True)
    for _ in range(4):
        world.send("create", "pods", namespace="gone", body=BODIES[0])
    world.send("delete", "namespaces", name="gone", delete_options=DeleteOptions())
    code, reason, _ = world.send("create", "pods", namespace="gone", body=BODIES[0])
    assert (code, reason) == (403, "Forbidden")
    assert len(world.pods()) == 4


def test_what_is_kept_in_another_version_goes_the_long_way() -> None:
    """However often it is created, and whatever becomes of its namespace."""
    world = World(stamps=True)
    target = {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"}
    scaler = freeze(
        {
            "apiVersion": "autoscaling/v1",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"generateName": "scaler-"},
            "spec": {"maxReplicas": 3, "scaleTargetRef": target},
        }
    )
    request = Request(
        "create", "horizontalpodautoscalers", "autoscaling", "v1", namespace="gone", body=scaler
    )
    for _ in range(4):
        answer = world.server.handle(request).body
        assert answer is not None
        assert answer["apiVersion"] == "autoscaling/v1"
    kept = world.server.context.storage.objects("horizontalpodautoscalers.autoscaling")
    assert {one["apiVersion"] for one in kept} == {"autoscaling/v2"}
    world.send("delete", "namespaces", name="gone", delete_options=DeleteOptions())
    with pytest.raises(ApiError, match="being terminated"):
        world.server.handle(request)


def test_one_request_may_come_again() -> None:
    """The same one, which the server remembers, and an equal one give objects of their own."""
    stamped, long = World(stamps=True), World(stamps=False)
    request = Request("create", "pods", namespace="default", body=BODIES[0])
    for number in range(8):
        sent = request if number % 3 else Request(*request)
        assert stamped.server.handle(sent) == long.server.handle(sent)
        if number == 5:
            for world in (stamped, long):
                act(world, ("limits", 1))
    assert stamped.trace.digest == long.trace.digest
    assert len(stamped.pods()) == 8


def refused_twice(world: World, choices: Unvaried) -> list[Any]:
    """The answers to creates of names that are taken, a given one and a generated one."""
    now = world.server.context.now_text()
    answers = [
        world.send("create", "events", namespace="default", body=event(number, now))
        for number in (1, 2, 5, 3, 3)
    ]
    answers += [act(world, ("create", 0)) for _ in range(3)]
    choices.is_stuck = True
    return [*answers, *(act(world, ("create", 0)) for _ in range(2))]


def test_a_name_that_is_taken_is_refused_by_a_stamp_too() -> None:
    """Given names once, generated ones after as many tries as on the long way."""
    sources = Unvaried(), Unvaried()
    stamped, long = (World(stamps=not n, choices=sources[n]) for n in range(2))
    answers = refused_twice(stamped, sources[0])
    assert answers == refused_twice(long, sources[1])
    assert [number for number, answer in enumerate(answers) if answer[0] == 409] == [4, 9]
    assert [choices.asked_count for choices in sources] == [18, 18]


@pytest.mark.parametrize("manager", ["one", "two"])
def test_a_dry_run_stores_nothing(manager: str) -> None:
    """Whoever asks."""
    world = World(stamps=True)
    for _ in range(3):
        act(world, ("create", 0))
    options = WriteOptions(dry_run=True, field_manager=manager)
    world.send("create", "pods", namespace="default", body=BODIES[0], write_options=options)
    assert len(world.pods()) == 3
