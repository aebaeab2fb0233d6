"""Whatever is sent, the answer is an object or an `ApiError`, and nothing is half-written.

Real objects with a few things broken, and well-typed nonsense of every kind, go through every
verb and subresource; what was accepted can be read, watched and printed, and a world runs on.
"""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcore import Cluster
from kcore.api.catalog import default_scheme
from tests.apiserver import hostile
from tests.apiserver.attacker import Attacker
from tests.apiserver.conftest import new_door

SCHEME = default_scheme()
INFOS = [
    info
    for info in SCHEME
    if "create" in info.verbs
    and SCHEME.by_group_resource(info.gvk.group, info.resource) is info  # The version kept.
]
NAMESPACE = "bookshop"
QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)


@cache
def running_bookshop():
    cluster = Cluster(2, seed=1)
    cluster.apply(hostile.BOOKSHOP)
    cluster.run_for("20s")
    return cluster


def subject(random):
    """An object to begin with, and its resource."""
    if random.randrange(2):
        obj = random.choice(hostile.seeds())
        return obj, SCHEME.by_kind(obj["apiVersion"], obj["kind"])
    info = random.choice(INFOS)
    return hostile.typed(random, info.gvk.api_version, info.gvk.kind), info


@QUICK
@given(st.randoms(use_true_random=True))
def test_requests_are_answered_or_refused(random):
    door = new_door()
    attacker = Attacker(door.server, door.clock, random, hostile.seeds())
    infos = []
    for _ in range(10):
        obj, info = subject(random)
        obj["metadata"].pop("namespace", None)
        infos.append(info)
        attacker.attack(obj, info)
    for info in infos:
        attacker.read_back(info)
    door.server.check_invariants()


@settings(QUICK, max_examples=10)
@given(st.randoms(use_true_random=True))
def test_a_world_survives_what_was_accepted(random):
    cluster = running_bookshop().fork()
    world = cluster._world
    attacker = Attacker(world.server, world.clock, random, hostile.seeds())
    attacker.namespace = NAMESPACE
    infos = []
    for _ in range(8):
        obj, info = subject(random)
        obj["metadata"].pop("namespace", None)
        infos.append(info)
        attacker.attack(obj, info)
        for _ in range(random.choice((0, 5, 20))):
            cluster.step()
    for _ in range(200):
        cluster.step()
    for info in infos:
        attacker.read_back(info)
    cluster.unmet()
    cluster.not_modelled()
    world.server.check_invariants()


@pytest.mark.parametrize("field", ["apiVersion", "kind"])
@pytest.mark.parametrize(("value", "word"), [(3, "number"), ({}, "object"), ([], "array")])
def test_a_kind_is_a_text(door, make, field, value, word):
    body = make.config_map("a") | {field: value}
    refusal = door.refusal(door.create, "configmaps", body)
    assert (refusal.code, refusal.reason) == (400, "BadRequest")
    assert refusal.message.startswith(
        "the object provided is unrecognized (must be of type ConfigMap): couldn't get "
        f"version/kind; json parse error: json: cannot unmarshal {word} into Go struct field "
        f".{field} of type string ("
    )


@pytest.mark.parametrize("resource", ["namespaces", "jobs.batch"])
def test_names_are_asked_for_before_they_are_used(door, resource):
    version, kind = {"namespaces": ("v1", "Namespace"), "jobs.batch": ("batch/v1", "Job")}[resource]
    refusal = door.refusal(door.create, resource, {"apiVersion": version, "kind": kind})
    assert refusal.code == 422
    assert refusal.details.causes[0].message.startswith("Required value: name or generateName")


def test_grace_beyond_all_time_wraps_as_upstream(door, make):
    door.create("pods", make.pod("a", node="n"))
    door.delete("pods", "a", grace_period_s=2**53)
    again = door.delete("pods", "a", grace_period_s=5)
    assert again["metadata"]["deletionGracePeriodSeconds"] == 5
