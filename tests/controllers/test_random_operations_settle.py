"""Whatever users do, in whatever order, under crashes and lagging caches: the world comes right."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.errors import ApiError
from kcore.machinery.frozen import EMPTY_LIST
from kcore.machinery.request import DeleteOptions
from kcore.runtime.faults import Effect, Fault
from tests.controllers.hollow_world import HollowWorld, deployment

NAMES = st.sampled_from(["a", "b"])
MANAGER = "kube-controller-manager"
WATCHES = st.sampled_from(["pods", "replicasets.apps", "deployments.apps"])
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("apply"), NAMES, st.integers(0, 4)),
        st.tuples(st.just("scale"), NAMES, st.integers(0, 5)),
        st.tuples(st.just("image"), NAMES, st.integers(1, 3)),
        st.tuples(st.just("delete"), NAMES, st.sampled_from(["Background", "Foreground"])),
        st.tuples(st.just("kill"), st.integers(0, 9)),
        st.tuples(st.just("crash"), st.integers(1, 9)),
        st.tuples(st.just("hold"), WATCHES),
        st.tuples(st.just("release"), WATCHES),
        st.tuples(st.just("run"), st.integers(1, 30)),
    ),
    min_size=5,
    max_size=20,
)


def perform(world, operation, *arguments):
    client = world.client
    if operation == "apply":
        client.create(deployment(*arguments))
    elif operation == "scale":
        patch = {"spec": {"replicas": arguments[1]}}
        client.patch("deployments.apps", arguments[0], patch, "default")
    elif operation == "image":
        container = {"name": "c", "image": f"app:{arguments[1]}"}
        patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
        client.patch("deployments.apps", arguments[0], patch, "default")
    elif operation == "delete":
        options = DeleteOptions(propagation_policy=arguments[1])
        client.delete("deployments.apps", arguments[0], "default", options)
    elif operation == "kill":
        pods = world.objects("pods")
        if pods:
            name = pods[arguments[0] % len(pods)]["metadata"]["name"]
            client.delete("pods", name, "default", DeleteOptions(grace_period_s=0))
    elif operation == "crash":
        world.faults.inject(Fault(f"{MANAGER}/*", Effect.CRASH, first=arguments[0]))
    elif operation == "run":
        for _ in range(arguments[0]):
            world.loop.act()
    else:
        getattr(world.faults, operation)(f"{MANAGER}/watch/{arguments[0]}")


def check(world):
    """Derived objects are what their sources ask for, and nothing is left over."""
    wanted = {d["metadata"]["uid"]: d for d in world.objects("deployments.apps")}
    sets = {r["metadata"]["uid"]: r for r in world.objects("replicasets.apps")}
    pods = world.objects("pods")
    for replica_set in sets.values():
        assert owner(replica_set) in wanted, "a ReplicaSet has outlived its Deployment"
    for pod in pods:
        assert owner(pod) in sets, "a pod has outlived its ReplicaSet"
    for uid, web in wanted.items():
        replicas = web["spec"]["replicas"]
        template = web["spec"]["template"]["spec"]["containers"][0]["image"]
        own = [p for p in pods if owner(sets[owner(p)]) == uid]
        assert [p["spec"]["containers"][0]["image"] for p in own] == [template] * replicas
        assert web.at("status", "readyReplicas", default=0) == replicas
        assert web.at("status", "availableReplicas", default=0) == replicas


def owner(obj):
    references = obj["metadata"].get("ownerReferences", EMPTY_LIST)
    return references[0]["uid"] if references else ""


@given(st.integers(0, 2**16), OPERATIONS)
@settings(max_examples=60)
def test_the_world_settles_to_what_was_asked_for(seed, operations):
    world = HollowWorld(seed=seed, nodes=2)
    for name in ("a", "b"):
        world.client.create(deployment(name, 2))
    world.settle()
    for operation in operations:
        try:
            perform(world, *operation)
        except ApiError as error:
            if error.code not in (404, 409):
                raise
    for resource in ("pods", "replicasets.apps", "deployments.apps"):
        world.faults.release(f"{MANAGER}/watch/{resource}")
    world.settle(1200)
    check(world)
    revision = world.store.revision
    for controller in world.controllers:
        controller.restart()
    world.settle(1200)

    assert world.store.revision == revision, "a settled world was written to"
