"""Random nodes and pods for comparing both engines: few values, so that much coincides."""

from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.scheduler.attempt import Found, Search
from kcore.scheduler.builtin import DEFAULT_PROFILE, REGISTRY
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.runner import Runner
from kcore.scheduler.packed.agreement import ParanoidEngine
from kcore.scheduler.pod_info import PodInfos
from kcore.scheduler.sampling import TieRule
from tests.conformance.scheduler.world import World

ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
MIB = 1024 * 1024

labels = st.dictionaries(st.sampled_from(["app", "tier"]), st.sampled_from("abc"), max_size=2)
selectors = st.one_of(
    st.builds(lambda one: {"matchLabels": one}, labels),
    st.builds(
        lambda operator, values: {
            "matchExpressions": [
                {"key": "app", "operator": operator, **({"values": values} if values else {})}
            ]
        },
        st.sampled_from(["In", "NotIn"]),
        st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True),
    ),
    st.none(),
)
topologies = st.sampled_from([ZONE, HOST, "rack"])


def node(number, fields):
    name = f"n{number}"
    kept = {HOST: name, **{key: one for key, one in fields["labels"].items() if one is not None}}
    return {
        "metadata": {"name": name, "labels": kept},
        "spec": {"taints": fields["taints"], "unschedulable": fields["cordoned"]},
        "status": {
            "allocatable": {key: one for key, one in fields["room"].items() if one is not None},
            "images": fields["images"],
        },
    }


taints = st.builds(
    lambda key, effect: {"key": key, "effect": effect},
    st.sampled_from("kl"),
    st.sampled_from(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
)
nodes = st.fixed_dictionaries(
    {
        "labels": st.fixed_dictionaries(
            {
                ZONE: st.sampled_from([None, "z1", "z2", "z3"]),
                "rack": st.sampled_from([None, "", "r1", "r2"]),
                "disk": st.sampled_from([None, "ssd", "3", "5"]),
            }
        ),
        "taints": st.lists(taints, max_size=2),
        "cordoned": st.sampled_from([False, False, False, True]),
        "room": st.fixed_dictionaries(
            {
                "cpu": st.sampled_from(["1", "2", "3900m", None]),
                "memory": st.sampled_from(["1Gi", "4Gi", "4000000001"]),
                "pods": st.sampled_from(["1", "4", "110"]),
                "ephemeral-storage": st.sampled_from([None, "10Gi"]),
                "example.com/gpu": st.sampled_from([None, "2"]),
            }
        ),
        "images": st.lists(
            st.builds(
                lambda name, size: {"names": [name], "sizeBytes": size * MIB},
                st.sampled_from(["i:1", "j:latest"]),
                st.sampled_from([10, 300, 900]),
            ),
            max_size=1,
        ),
    }
)


def _terms(weighted):
    term = st.builds(
        lambda selector, key, everywhere: {
            "labelSelector": selector,
            "topologyKey": key,
            **({"namespaceSelector": {}} if everywhere else {}),
        },
        selectors,
        topologies,
        st.booleans(),
    )
    if not weighted:
        return st.lists(term, max_size=2)
    return st.lists(
        st.builds(
            lambda one, weight: {"weight": weight, "podAffinityTerm": one},
            term,
            st.sampled_from([1, 10, 100]),
        ),
        max_size=2,
    )


near = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {},
        optional={
            "requiredDuringSchedulingIgnoredDuringExecution": _terms(False),
            "preferredDuringSchedulingIgnoredDuringExecution": _terms(True),
        },
    ),
)
node_terms = st.builds(
    lambda key, operator: {
        "matchExpressions": [
            {
                "key": key,
                "operator": operator,
                **({"values": ["3"]} if operator not in ("Exists", "DoesNotExist") else {}),
            }
        ]
    },
    st.sampled_from(["disk", "rack"]),
    st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist", "Gt"]),
)
node_affinity = st.one_of(
    st.none(),
    st.builds(
        lambda required, preferred: {
            **(
                {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": required}}
                if required
                else {}
            ),
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 7, "preference": one} for one in preferred
            ],
        },
        st.lists(node_terms, max_size=2),
        st.lists(node_terms, max_size=2),
    ),
)
spread = st.builds(
    lambda key, action, skew, selector, least, honour: {
        "topologyKey": key,
        "whenUnsatisfiable": action,
        "maxSkew": skew,
        "labelSelector": selector,
        **({"minDomains": least} if least and action == "DoNotSchedule" else {}),
        **({"nodeTaintsPolicy": "Honor"} if honour else {}),
    },
    topologies,
    st.sampled_from(["DoNotSchedule", "ScheduleAnyway"]),
    st.sampled_from([1, 2]),
    selectors,
    st.sampled_from([0, 0, 2]),
    st.booleans(),
)
tolerations = st.lists(
    st.builds(
        lambda key, effect: {
            "key": key,
            "operator": "Exists",
            **({"effect": effect} if effect else {}),
        },
        st.sampled_from(["k", "l", "node.kubernetes.io/unschedulable"]),
        st.sampled_from(["", "NoSchedule", "PreferNoSchedule"]),
    ),
    max_size=2,
)
plain = {
    "cpu": st.sampled_from(["0", "50m", "250m", "1"]),
    "memory": st.sampled_from([None, "64Mi", "200M", "1Gi"]),
    "gpu": st.sampled_from([None, None, None, "1"]),
    "storage": st.sampled_from([None, None, "4Gi"]),
    "port": st.sampled_from([0, 0, 0, 80, 443]),
    "image": st.sampled_from(["i:1", "j", "other"]),
    "labels": labels,
    "namespace": st.sampled_from(["default", "default", "other"]),
    "priority": st.sampled_from([0, 0, 5]),
    "tolerations": tolerations,
    "nodeSelector": st.sampled_from([None, None, {"disk": "ssd"}, {}]),
}
pods = st.one_of(
    st.fixed_dictionaries(plain),
    st.fixed_dictionaries(
        {
            **plain,
            "nodeAffinity": node_affinity,
            "podAffinity": near,
            "podAntiAffinity": near,
            "spread": st.lists(spread, max_size=2),
        }
    ),
)


def make_pod(number, fields):
    requests = {
        "cpu": fields["cpu"],
        "memory": fields["memory"],
        "example.com/gpu": fields["gpu"],
        "ephemeral-storage": fields["storage"],
    }
    container = {
        "name": "c",
        "image": fields["image"],
        "resources": {"requests": {key: one for key, one in requests.items() if one is not None}},
        "ports": [{"containerPort": 1, "hostPort": fields["port"]}] if fields["port"] else [],
    }
    affinity = {
        key: fields[key]
        for key in ("nodeAffinity", "podAffinity", "podAntiAffinity")
        if fields.get(key) is not None
    }
    spec = {"containers": [container], "priority": fields["priority"]}
    if affinity:
        spec["affinity"] = affinity
    if fields["nodeSelector"] is not None:
        spec["nodeSelector"] = fields["nodeSelector"]
    if fields["tolerations"]:
        spec["tolerations"] = fields["tolerations"]
    if fields.get("spread"):
        spec["topologySpreadConstraints"] = fields["spread"]
    metadata = {
        "name": f"p{number}",
        "namespace": fields["namespace"],
        "uid": f"u{number}",
        "labels": fields["labels"],
    }
    return freeze({"metadata": metadata, "spec": spec})


class Placing:
    """A world in which pods are placed one after the other by the paranoid engine."""

    def __init__(
        self,
        node_fields,
        profile=DEFAULT_PROFILE,
        percentage=0,
        tie_rule=TieRule.HEAP,
        registry=REGISTRY,
    ):
        listed = [node(number, fields) for number, fields in enumerate(node_fields)]
        services = [
            {"metadata": {"name": "s", "namespace": "default"}, "spec": {"selector": {"app": "a"}}}
        ]
        self.world = World({"nodes": listed, "services": services})
        self.runner = Runner(profile, registry)
        self.world.runners[self.runner.scheduler_name] = self.runner
        self.engine = ParanoidEngine({self.runner.scheduler_name: self.runner})
        self.start = 0
        self.percentage = percentage
        self.tie_rule = tie_rule
        self.infos = PodInfos()

    def arguments(self, pod):
        """What an engine's `find` takes."""
        search = Search(self.percentage, self.start, self.tie_rule)
        snapshot = self.world.cache.refresh()
        return self.runner, CycleState(self.world), pod, snapshot, search

    def find(self, pod):
        """One search by both engines; any difference raises."""
        found = self.engine.find(*self.arguments(pod))
        self.start = found.next_start_index
        return found

    def place(self, obj):
        """Search, and count the pod on its node if there is one; the node's name or None."""
        info = self.infos.of(obj)
        found = self.find(info)
        if not isinstance(found, Found):
            return None
        self.world.cache.assume(info.on_node(found.node_name))
        return found.node_name
