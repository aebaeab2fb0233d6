"""A Deployment in a world: rollouts, rollback, pause, history, collisions, bounds at each step."""

import pytest

from kcore.controllers.deployment.rollback import RollbackError, plan_rollback
from kcore.forking import ForkMemo
from kcore.machinery.frozen import EMPTY_LIST
from kcore.runtime.clock import SECOND_NS
from tests.controllers.hollow_world import HollowWorld, deployment


def condition(obj, kind):
    found = [c for c in obj.at("status", "conditions", default=EMPTY_LIST) if c["type"] == kind]
    return (found[0]["status"], found[0]["reason"]) if found else None


def sizes(world):
    return {
        obj["metadata"]["annotations"]["deployment.kubernetes.io/revision"]: obj["spec"]["replicas"]
        for obj in world.objects("replicasets.apps")
    }


def change_image(world, image, name="web"):
    container = {"name": "c", "image": image}
    patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
    world.client.patch("deployments.apps", name, patch, "default")


def world_with(*objects, seed=0):
    world = HollowWorld(seed=seed)
    world.settle()
    for obj in objects:
        world.client.create(obj)
    world.settle()
    return world


def test_a_new_deployment_becomes_complete():
    web = world_with(deployment()).get("deployments.apps", "web")

    assert condition(web, "Available") == ("True", "MinimumReplicasAvailable")
    assert condition(web, "Progressing") == ("True", "NewReplicaSetAvailable")
    assert web["status"]["availableReplicas"] == 3
    assert "unavailableReplicas" not in web["status"]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("surge", "unavailable"), [(1, 0), (0, 1), ("50%", "50%"), (3, 2)])
def test_a_rollout_stays_within_its_bounds_at_every_step(seed, surge, unavailable):
    strategy = {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}
    world = world_with(deployment(replicas=4, strategy=strategy), seed=seed)
    most = 4 + (2 if surge == "50%" else surge)
    least = 4 - (2 if unavailable == "50%" else unavailable)
    change_image(world, "app:2")
    while world.loop.act():
        live = [p for p in world.objects("pods") if p.at("metadata", "deletionTimestamp") is None]
        ready = [
            p
            for p in live
            if any(
                c["type"] == "Ready" and c["status"] == "True"
                for c in p.at("status", "conditions", default=EMPTY_LIST)
            )
        ]
        # The bound is on what is asked for: one ReplicaSet may create before the other deletes.
        assert sum(sizes(world).values()) <= most
        assert len(ready) >= least
    world.settle()

    assert sizes(world) == {"1": 0, "2": 4}


def test_recreate_stops_everything_old_first():
    world = world_with(deployment(strategy={"type": "Recreate"}))
    change_image(world, "app:2")
    images = set()
    while world.loop.act():
        now = {p["spec"]["containers"][0]["image"] for p in world.objects("pods")}
        assert len(now) <= 1
        images |= now

    assert images == {"app:1", "app:2"}
    assert sizes(world) == {"1": 0, "2": 3}


def test_rollback_brings_the_old_template_back_under_a_new_revision():
    world = world_with(deployment())
    change_image(world, "app:2")
    world.settle()
    web = world.get("deployments.apps", "web")
    rollback = plan_rollback(web, world.objects("replicasets.apps"))
    assert (rollback.revision, rollback.message) == (1, "rolled back")
    world.client.patch(
        "deployments.apps",
        "web",
        list(rollback.operations),
        "default",
        patch_type="application/json-patch+json",
    )
    world.settle()

    assert sizes(world) == {"3": 3, "2": 0}
    web = world.get("deployments.apps", "web")
    assert web["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "3"
    assert web["spec"]["template"]["spec"]["containers"][0]["image"] == "app:1"


@pytest.mark.parametrize(
    ("revision", "words"),
    [
        (0, 'no rollout history found for deployment "web"'),
        (7, "unable to find specified revision 7 in history"),
    ],
)
def test_rollback_without_a_past_is_refused_in_kubectls_words(revision, words):
    world = world_with(deployment())
    web = world.get("deployments.apps", "web")

    with pytest.raises(RollbackError, match=words):
        plan_rollback(web, world.objects("replicasets.apps"), revision)


def test_a_paused_deployment_starts_nothing_and_says_so():
    world = world_with(deployment())
    world.client.patch("deployments.apps", "web", {"spec": {"paused": True}}, "default")
    change_image(world, "app:2")
    world.settle()

    assert sizes(world) == {"1": 3}
    web = world.get("deployments.apps", "web")
    assert condition(web, "Progressing") == ("Unknown", "DeploymentPaused")
    world.client.patch("deployments.apps", "web", {"spec": {"paused": False}}, "default")
    world.settle()
    assert sizes(world) == {"1": 0, "2": 3}


def test_a_rollout_that_gets_stuck_misses_its_deadline():
    world = world_with(deployment(progressDeadlineSeconds=30))
    manual = {"hollow.test/kubelet": "manual"}
    patch = {"spec": {"template": {"metadata": {"annotations": manual}}}}
    world.client.patch("deployments.apps", "web", patch, "default")
    begin_s = world.clock.now_ns() // SECOND_NS
    world.settle(60)

    web = world.get("deployments.apps", "web")
    assert condition(web, "Progressing") == ("False", "ProgressDeadlineExceeded")
    assert condition(web, "Available") == ("True", "MinimumReplicasAvailable")
    assert world.clock.now_ns() // SECOND_NS - begin_s == 31


def test_old_replica_sets_beyond_the_history_limit_go():
    world = world_with(deployment(revisionHistoryLimit=1))
    for number in (2, 3, 4):
        change_image(world, f"app:{number}")
        world.settle()

    assert sizes(world) == {"3": 0, "4": 3}


def test_a_taken_name_raises_the_collision_count():
    probe = world_with(deployment())
    name = probe.objects("replicasets.apps")[0]["metadata"]["name"]
    taken = deployment(name, 0)
    taken["kind"] = "ReplicaSet"
    world = world_with(taken, deployment())

    web = world.get("deployments.apps", "web")
    assert web["status"]["collisionCount"] == 1
    assert condition(web, "Progressing") == ("True", "NewReplicaSetAvailable")


def test_a_settled_world_reconciled_again_writes_nothing():
    world = world_with(deployment())
    revision = world.store.revision
    for controller in world.controllers:
        controller.restart()
    world.settle()

    assert world.store.revision == revision


def test_a_fork_in_the_middle_of_a_rollout_ends_as_its_parent():
    world = world_with(deployment())
    change_image(world, "app:2")
    for _ in range(15):
        world.loop.act()
    memo = ForkMemo()
    twin_loop, twin_store = memo(world.loop), memo(world.store)
    world.settle()
    while twin_loop.act():
        pass

    assert twin_store.revision == world.store.revision
    for bucket in world.store.buckets():
        theirs = [(kv.key, kv.value) for kv in twin_store.view(bucket).range()]
        assert theirs == [(kv.key, kv.value) for kv in world.store.view(bucket).range()]
