"""Topics `sequence/*`: pods placed one after the other, with eviction."""

from kcore.machinery.frozen import freeze
from kcore.machinery.timestamps import format_time
from kcore.scheduler.attempt import Attempt, Found, Search
from kcore.scheduler.builtin import DEFAULT_PROFILE
from kcore.scheduler.configuration import options_from
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.plugins.default_preemption import DefaultPreemption, ineligibility
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.preemption import least_costly
from kcore.scheduler.sampling import TieRule
from tests.conformance.scheduler.world import World, info

SECOND_NS = 10**9
ZONE = "topology.kubernetes.io/zone"


class _Placing:
    def __init__(self, given):
        self.world = World(given["cluster"])
        profile = DEFAULT_PROFILE
        if "config" in given:
            profile = options_from(freeze(given["config"])).profiles[0]
        self.runner = self.world.runner_of(profile)
        self.start_index = 0
        self.placed = {}
        self.bound_count = 0
        self.steps = []
        self.begin_ns = self.world.clock.now_ns()
        self.world.clock.advance_to(self.begin_ns + 400 * 24 * 3600 * SECOND_NS)

    def place(self, pod, *, again=False):
        state = CycleState(self.world)
        search = Search(0, self.start_index, TieRule.HEAP)
        attempt = Attempt(self.runner, state, self.world.cache.refresh(), search)
        found = attempt.find(pod, self.world.choices)
        self.start_index = found.next_start_index
        if isinstance(found, Found):
            self._bind(state, pod, found)
            return
        self._refuse(state, pod, found, again=again)

    def _bind(self, state, pod, found):
        totals = list(found.scores.totals)
        step = {"pod": pod.key, "feasible": len(found.feasible), "pick": found.node_name}
        if totals:
            step["best"] = max(totals)
            step["ties"] = [
                node.name
                for node, total in zip(found.feasible, totals, strict=True)
                if total == max(totals)
            ]
        else:
            step["ties"] = [found.node_name]
        volumes = bind_volumes(self.world, state, found.node_name)
        if volumes:
            step["volumes"] = volumes
        self.world.nominated.forget(pod.uid)
        self.placed[pod.key] = found.node_name
        self.bound_count += 1
        start_ns = self.begin_ns + (400_000 + 60 * self.bound_count) * SECOND_NS
        bound = pod.pod.set(("spec", "nodeName"), found.node_name)
        bound = bound.set(("status", "startTime"), format_time(start_ns))
        self.world.cache.set_pod(PodInfo(bound))
        self.steps.append(step)

    def _refuse(self, state, pod, found, *, again):
        self.world.nominated.forget(pod.uid)
        diagnosis = found.diagnosis
        step = {"pod": pod.key}
        self.steps.append(step)
        if found.failure is not None:
            step["error"] = found.failure.message
            return
        refusal = ineligibility(self.world, pod, diagnosis)
        plugin = DefaultPreemption(freeze({}))
        if "DefaultPreemption" not in self.runner.plugins:
            step["error"] = diagnosis.message
            return
        if refusal:
            step["error"] = diagnosis.with_post_filter_message(f"preemption: {refusal}").message
            return
        candidates = plugin.outlook(state, pod, diagnosis).candidates
        if not candidates:
            message = self.runner.post_filter(state, pod, diagnosis).status.message
            step["error"] = diagnosis.with_post_filter_message(message).message
            return
        best = least_costly(candidates, self.world.clock.now_ns())
        names = {one.node_name: one for one in best}
        order = [node.name for node in self.world.snapshot if node.name in names]
        chosen = names[order[0]]
        message = (
            f"preemption: found a potential placement for pod on node {chosen.node_name}, "
            f"preempting {len(chosen.victims)} victims"
        )
        if len(order) == 1:
            step["error"] = diagnosis.with_post_filter_message(message).message
        else:
            step["errorBeforePostFilter"] = diagnosis.message
        step["preempt"] = {
            "chosenAmong": order,
            "node": chosen.node_name,
            "victims": {
                "pods": [victim.key for victim in chosen.victims],
                "pdbViolations": chosen.violations_count,
            },
        }
        for victim in chosen.victims:
            self.world.cache.remove_pod(victim.uid)
            self.placed.pop(victim.key, None)
        if not again:
            nominated = PodInfo(pod.pod.set(("status", "nominatedNodeName"), chosen.node_name))
            self.world.nominated.nominate(nominated)
            self.place(nominated, again=True)


def bind_volumes(world, state, node_name):
    """Bind what VolumeBinding chose, as the volume controller would."""
    search = state.find("VolumeBinding")
    if search is None or node_name not in search.by_node:
        return {}
    chosen, node = search.by_node[node_name], world.snapshot.get(node_name)
    shown = {}
    for claim, volume in chosen.matches:
        name = volume["metadata"]["name"]
        reference = {**claim["metadata"], "kind": "PersistentVolumeClaim"}
        bound = volume.set(("spec", "claimRef"), freeze(reference))
        _store(world, "persistentvolumes", bound.set(("status", "phase"), "Bound"))
        _bind_claim(world, claim, name)
        shown[claim["metadata"]["name"]] = {"how": "static", "volume": name}
    for provision in chosen.provisions:
        name = f"dyn-{provision.claim['metadata']['name']}"
        _store(world, "persistentvolumes", _made_volume(name, provision.claim, node))
        _bind_claim(world, provision.claim, name)
        shown[provision.claim["metadata"]["name"]] = {"how": "dynamic", "volume": name}
    return shown


def _made_volume(name, claim, node):
    spec = {
        "capacity": {"storage": claim.at("spec", "resources", "requests", "storage")},
        "accessModes": claim.at("spec", "accessModes"),
        "storageClassName": claim.at("spec", "storageClassName"),
        "csi": {"driver": "csi.example.com", "volumeHandle": name},
        "claimRef": {**claim["metadata"], "kind": "PersistentVolumeClaim"},
    }
    zone = node.labels.get(ZONE)
    if zone is not None:
        expression = {"key": ZONE, "operator": "In", "values": [zone]}
        terms = [{"matchExpressions": [expression]}]
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": terms}}
    return freeze({"metadata": {"name": name}, "spec": spec, "status": {"phase": "Bound"}})


def _bind_claim(world, claim, volume_name):
    claim = claim.set(("spec", "volumeName"), volume_name)
    path = ("metadata", "annotations", "pv.kubernetes.io/bind-completed")
    claim = claim.set(path, "yes").set(("status", "phase"), "Bound")
    _store(world, "persistentvolumeclaims", claim)


def _store(world, resource, obj):
    lister = world.lister(resource)
    lister.objects[lister._key(obj)] = obj


def answer_sequence(given):
    """Place all pods, each by the heap's rule, and show every step."""
    placing = _Placing(given)
    for pod in given["pods"]:
        placing.place(info(pod))
    return {
        "nodeOrder": [node.name for node in placing.world.cache.refresh()],
        "steps": placing.steps,
        "placed": placing.placed,
        "nextStartNodeIndex": placing.start_index,
    }
