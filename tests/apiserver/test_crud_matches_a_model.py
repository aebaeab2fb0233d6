"""Random requests against a dict: laws C22 to C25 (identity, versions, generation, finalizers)."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.errors import ApiError
from tests.apiserver.conftest import deployment, new_door

NAMES = st.sampled_from(["a", "b"])
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), NAMES, st.integers(0, 2), st.booleans()),
        st.tuples(st.just("update"), NAMES, st.integers(0, 2), st.sampled_from(["now", "old", ""])),
        st.tuples(st.just("status"), NAMES, st.integers(0, 2)),
        st.tuples(st.just("finalizers"), NAMES, st.sampled_from([(), ("e.io/f",), ("e.io/g",)])),
        st.tuples(st.just("delete"), NAMES, st.sampled_from([None, "Foreground", "Orphan"])),
    ),
    max_size=25,
)


@dataclass
class Model:
    """What a deployment is, by hand."""

    uid: str
    replicas: int
    generation: int = 1
    status: int = 0
    finalizers: list = field(default_factory=list)
    dying: bool = False
    version: str = ""


class Run:
    def __init__(self):
        self.door = new_door()
        self.live: dict[str, Model] = {}
        self.uids: set[str] = set()

    def step(self, operation):
        kind, name, *rest = operation
        before = self.door.store.revision
        refusal = None
        try:
            getattr(self, kind)(name, *rest)
        except ApiError as error:
            refusal = error
        if refusal is not None:
            assert self.door.store.revision == before, f"{operation}: {refusal} wrote something"
            assert self.expected_refusal(kind, name, rest, refusal), (operation, refusal)

    def expected_refusal(self, kind, name, rest, error):
        model = self.live.get(name)
        if kind == "create":
            return error.code == 409 and model is not None
        if model is None:
            return error.code == 404
        if kind == "update":
            return error.code == 409 and rest[1] == "old"
        if kind == "finalizers":
            new = [item for item in rest[0] if item not in model.finalizers]
            return error.code == 422 and model.dying and bool(new)
        return False

    def create(self, name, replicas, with_finalizer):
        body = deployment(name, replicas)
        if with_finalizer:
            body["metadata"]["finalizers"] = ["e.io/f"]
        uid = self.door.create("deployments.apps", body)["metadata"]["uid"]
        assert uid not in self.uids, "a uid was used twice"
        self.uids.add(uid)
        self.live[name] = Model(uid, replicas, finalizers=["e.io/f"] if with_finalizer else [])

    def update(self, name, replicas, version):
        model = self.live.get(name)
        body = deployment(name, replicas)
        if model is not None:
            body["metadata"]["finalizers"] = model.finalizers
        if version:
            body["metadata"]["resourceVersion"] = (
                model.version if version == "now" and model is not None else "1"
            )
        self.door.update("deployments.apps", body)
        model.generation += replicas != model.replicas
        model.replicas = replicas

    def status(self, name, replicas):
        patch = {"status": {"replicas": replicas}, "spec": {"replicas": 99}}
        self.door.patch("deployments.apps", name, patch, subresource="status")
        self.live[name].status = replicas

    def finalizers(self, name, wanted):
        patch = {"metadata": {"finalizers": list(wanted) or None}}
        self.door.patch("deployments.apps", name, patch)
        model = self.live[name]
        model.finalizers = list(wanted)
        if model.dying and not wanted:
            del self.live[name]

    def delete(self, name, policy):
        self.door.delete("deployments.apps", name, propagation_policy=policy)
        model = self.live[name]
        added = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}.get(policy)
        collected = {"foregroundDeletion", "orphan"}
        if policy is not None:
            model.finalizers = [item for item in model.finalizers if item not in collected]
            model.finalizers += [added]
        if not model.finalizers:
            del self.live[name]
        elif not model.dying:
            model.dying = True
            model.generation += 1

    def check(self):
        listed = self.door.list("deployments.apps")["items"]
        found = {obj["metadata"]["name"]: obj for obj in listed}
        assert sorted(found) == sorted(self.live)
        for name, model in self.live.items():
            metadata = found[name]["metadata"]
            assert metadata["uid"] == model.uid
            assert metadata["creationTimestamp"] == "2026-01-01T00:00:00Z"
            assert metadata["generation"] == model.generation
            assert list(metadata.get("finalizers") or ()) == model.finalizers
            assert ("deletionTimestamp" in metadata) == model.dying
            assert found[name].at("spec", "replicas") == model.replicas
            assert (found[name].at("status", "replicas", default=0)) == model.status
            model.version = metadata["resourceVersion"]


@settings(max_examples=100)
@given(operations=OPERATIONS)
def test_the_server_does_what_the_model_does(operations):
    run = Run()
    for operation in operations:
        run.step(operation)
        run.check()
    run.door.server.check_invariants()
