"""Pods with claims: limits, node affinity and zones of volumes, answered for all rows at once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.scheduler.pod_info import PodInfo
from tests.conformance.scheduler.world import RESOURCES, ListOfObjects
from tests.scheduler.packed import worlds

DRIVERS = ("a.csi", "b.csi")
REGION = "failure-domain.beta.kubernetes.io/region"
OLD_ZONE = "failure-domain.beta.kubernetes.io/zone"


class ViewedList(ListOfObjects):
    """A lister that says, by its view, whether its objects changed."""

    def __init__(self, objects=()):
        super().__init__(freeze(one) for one in objects)
        self.view = object()

    def set(self, obj):
        obj = freeze(obj)
        self.objects[self._key(obj)] = obj
        self.view = object()


requirements = st.builds(
    lambda key, operator: {
        "key": key,
        "operator": operator,
        **({} if operator in ("Exists", "DoesNotExist") else {"values": ["3"]}),
    },
    st.sampled_from(["disk", "rack"]),
    st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]),
)
here = st.builds(
    lambda number: {"key": worlds.HOST, "operator": "In", "values": [f"n{number}", "n9"]},
    st.integers(0, 5),
)
terms = st.builds(
    lambda expressions, odd: {
        **({"matchExpressions": expressions} if expressions else {}),
        **(
            {"matchFields": [{"key": "metadata.name", "operator": "In", "values": odd}]}
            if odd
            else {}
        ),
    },
    st.lists(st.one_of(requirements, here), max_size=2),
    st.sampled_from([[], [], [], ["n0"], ["n0", "n1"]]),
)
volumes = st.fixed_dictionaries(
    {
        "csi": st.sampled_from([None, *DRIVERS]),
        "handle": st.sampled_from(["h0", "h1", None]),
        "terms": st.one_of(st.none(), st.none(), st.lists(terms, min_size=1, max_size=2)),
        "labels": st.dictionaries(
            st.sampled_from([worlds.ZONE, OLD_ZONE, REGION]),
            st.sampled_from(["z1", "z1__z2", "z2", "__"]),
            max_size=1,
        ),
        "state": st.sampled_from(["bound", "bound", "bound", "late", "lost", "missing"]),
    }
)
claims_of_pods = st.lists(st.integers(0, 7), max_size=3)
limits = st.lists(
    st.dictionaries(st.sampled_from(DRIVERS), st.sampled_from([0, 1, 2, 3, None])), max_size=6
)


def volume(number, fields):
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"]}
    if fields["csi"] is not None:
        handle = fields["handle"] or f"own-{number}"
        spec["csi"] = {"driver": fields["csi"], "volumeHandle": handle}
    if fields["terms"] is not None:
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": fields["terms"]}}
    return {"metadata": {"name": f"v{number}", "labels": fields["labels"]}, "spec": spec}


def claim(number, fields):
    bound = fields["state"] in ("bound", "lost")
    annotations = {"pv.kubernetes.io/bind-completed": "yes"} if bound else {}
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "late",
        "resources": {"requests": {"storage": "1Gi"}},
    }
    if bound:
        spec["volumeName"] = f"v{number}"
    metadata = {"name": f"c{number}", "namespace": "default", "annotations": annotations}
    return {"metadata": metadata, "spec": spec}


def csi_node(number, by_driver):
    drivers = [
        {
            "name": name,
            "nodeID": "i",
            **({} if count is None else {"allocatable": {"count": count}}),
        }
        for name, count in by_driver.items()
    ]
    return {"metadata": {"name": f"n{number}"}, "spec": {"drivers": drivers}}


def attachment(number, driver):
    return {
        "metadata": {"name": f"attached-{number}"},
        "spec": {
            "nodeName": f"n{number % 3}",
            "attacher": driver,
            "source": {"persistentVolumeName": f"v{number}"},
        },
    }


class Placing(worlds.Placing):
    """Nodes, and volumes in all states."""

    def __init__(self, nodes, volumes, by_node, insists):
        super().__init__(nodes)
        late = {
            "metadata": {"name": "late"},
            "provisioner": "a.csi",
            "volumeBindingMode": "WaitForFirstConsumer",
        }
        driver = {
            "metadata": {"name": "a.csi"},
            "spec": {"preventPodSchedulingIfMissing": insists},
        }
        there = [one for one in enumerate(volumes) if one[1]["state"] not in ("lost", "late")]
        known = [one for one in enumerate(volumes) if one[1]["state"] != "missing"]
        objects = {
            "storageClasses": [late],
            "csiDrivers": [driver],
            "csiNodes": [csi_node(*one) for one in enumerate(by_node)],
            "persistentVolumes": [volume(*one) for one in there],
            "persistentVolumeClaims": [claim(*one) for one in known],
            "volumeAttachments": [],
        }
        for name, listed in objects.items():
            self.world.listers[RESOURCES[name]] = ViewedList(listed)

    def place_with(self, number, fields, claims):
        return self.place(pod_with(number, fields, claims))

    def apply(self, number, kind, what):
        """One step of a history."""
        listers, nominated = self.world.listers, self.world.nominated
        if kind == "pod":
            self.place_with(number, *what)
        elif kind == "limits":
            listers[RESOURCES["csiNodes"]].set(csi_node(*what))
        elif kind == "attach":
            listers[RESOURCES["volumeAttachments"]].set(attachment(*what))
        elif kind == "node":
            self.world.cache.set_node(freeze(worlds.node(*what)))
        elif kind == "nominate":
            nominated.nominate(PodInfo(pod_with(number, *what[1])), f"n{what[0]}")
        elif kind == "promised":
            self.place_promised(number, *what)
        elif kind == "remove":
            self.world.cache.remove_pod(f"u{what}")
            nominated.forget(f"u{what}")
        else:
            self.engine = self.engine.fork()

    def place_promised(self, number, row, what):
        """Place a pod that a node was promised to."""
        pod = pod_with(number, *what).set(("status", "nominatedNodeName"), f"n{row}")
        self.world.nominated.nominate(PodInfo(pod))
        if self.place(pod) is not None:
            self.world.nominated.forget(f"u{number}")


def pod_with(number, fields, claims):
    """A pod with claims of the default namespace."""
    pod = worlds.make_pod(number, {**fields, "namespace": "default"})
    listed = [
        {"name": f"d{one}", "persistentVolumeClaim": {"claimName": f"c{one}"}} for one in claims
    ]
    return pod.set(("spec", "volumes"), listed)


promised = st.tuples(st.fixed_dictionaries(worlds.plain), claims_of_pods)
steps = st.one_of(
    st.tuples(st.just("pod"), st.tuples(st.fixed_dictionaries(worlds.plain), claims_of_pods)),
    st.tuples(st.just("pod"), st.tuples(st.fixed_dictionaries(worlds.plain), claims_of_pods)),
    st.tuples(
        st.just("limits"),
        st.tuples(st.integers(0, 5), st.dictionaries(st.sampled_from(DRIVERS), st.integers(0, 2))),
    ),
    st.tuples(st.just("attach"), st.tuples(st.integers(0, 7), st.sampled_from(DRIVERS))),
    st.tuples(st.just("node"), st.tuples(st.integers(0, 7), worlds.nodes)),
    st.tuples(st.just("remove"), st.integers(0, 20)),
    st.tuples(st.just("nominate"), st.tuples(st.integers(0, 5), promised)),
    st.tuples(st.just("promised"), st.tuples(st.integers(0, 5), promised)),
    st.tuples(st.just("fork"), st.none()),
)


@settings(max_examples=60, deadline=None)
@given(
    nodes=st.lists(worlds.nodes, min_size=1, max_size=6),
    volumes=st.lists(volumes, min_size=1, max_size=8),
    by_node=limits,
    insists=st.booleans(),
    steps=st.lists(steps, min_size=3, max_size=15),
)
def test_any_history(nodes, volumes, by_node, insists, steps):
    placing = Placing(nodes, volumes, by_node, insists)
    for number, (kind, what) in enumerate(steps):
        placing.apply(number, kind, what)
        placing.world.cache.check_invariants()


ROOMY = {
    "labels": {worlds.ZONE: None, "rack": None, "disk": None},
    "taints": [],
    "cordoned": False,
    "room": {"cpu": "4", "memory": "4Gi", "pods": "110"},
    "images": [],
}
POD = {
    "cpu": "0", "memory": None, "gpu": None, "storage": None, "port": 0, "image": "i",
    "labels": {}, "priority": 0, "tolerations": [], "nodeSelector": None,
}  # fmt: skip
BOUND = {"csi": "a.csi", "handle": None, "terms": None, "labels": {}, "state": "bound"}


def test_a_full_node_is_passed_over_and_the_last_volume_fits():
    placing = Placing([ROOMY] * 2, [BOUND] * 5, [{"a.csi": 2}, {"a.csi": 1}], insists=False)

    found = [placing.place_with(number, POD, [number]) for number in range(4)]

    assert sorted(found[:3]) == ["n0", "n0", "n1"]
    assert found[3] is None


def test_two_pods_of_one_volume_count_once():
    placing = Placing([ROOMY], [BOUND], [{"a.csi": 1}], insists=False)

    assert [placing.place_with(number, POD, [0]) for number in range(2)] == ["n0", "n0"]


def test_a_promised_volume_has_its_place():
    placing = Placing([ROOMY] * 2, [BOUND] * 2, [{"a.csi": 1}, {"a.csi": 1}], insists=False)
    for row, one in enumerate(("n0", "n1")):
        placing.world.nominated.nominate(PodInfo(pod_with(10 + row, POD, [0])), one)

    assert placing.place_with(0, POD, [1]) is None
    assert placing.place_with(1, POD, [0]) == "n0"


def test_what_is_on_a_node_in_doubt_is_looked_at_again_when_it_changed():
    shared = {**BOUND, "handle": "shared"}
    placing = Placing([ROOMY], [BOUND] * 3 + [shared] * 2 + [BOUND], [{"a.csi": 2}], insists=False)
    assert placing.place_with(0, POD, [0, 1]) == "n0"
    assert placing.place_with(1, POD, [2]) is None

    placing.apply(2, "remove", 0)

    assert placing.place_with(3, POD, [3, 4]) == "n0"
    assert placing.place_with(4, POD, [5]) == "n0"
    assert placing.place_with(5, POD, [2]) is None


def test_a_volume_that_is_another_one_now_is_counted_as_that():
    placing = Placing([ROOMY], [BOUND] * 3, [{"a.csi": 1}], insists=False)
    assert placing.place_with(0, POD, [0]) == "n0"
    assert placing.place_with(1, POD, [1]) is None

    placing.world.listers[RESOURCES["persistentVolumes"]].set(volume(0, {**BOUND, "csi": None}))

    assert placing.place_with(2, POD, [1]) == "n0"
    assert placing.place_with(3, POD, [2]) is None
