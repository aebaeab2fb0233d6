"""Plays the steps of a scenario and dumps the world after each, as the vectors' README says."""

import json
from pathlib import Path

from kcore.api.catalog import default_scheme
from kcore.errors import ApiError, NotModelledError
from kcore.machinery.frozen import EMPTY_LIST, freeze, thaw
from kcore.machinery.request import (
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_MERGE_PATCH,
    DeleteOptions,
    ListOptions,
    Request,
)
from kcore.runtime.clock import SECOND_NS
from tests.conformance.controllers.kubelet_step import kubelet_step
from tests.conformance.controllers.normalise import Normaliser, node_words
from tests.conformance.registry import UnsupportedError
from tests.controllers.hollow_world import HollowWorld

CLUSTER = Path(__file__).with_name("cluster.json")
PATCH_TYPES = {"merge": MERGE_PATCH, "strategic": STRATEGIC_MERGE_PATCH, "json": JSON_PATCH}
SEED = 0
GROUPS = (
    "",
    "apps",
    "batch",
    "policy",
    "autoscaling",
    "discovery.k8s.io",
    "networking.k8s.io",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
)
CONFIGURED_GROUPS = (*GROUPS, "scheduling.k8s.io")
HIDDEN = ("Event", "Lease", "APIService", "CSIDriver", "ComponentStatus", "Binding")
NOISE = ("Namespace",)
TRACED = ("ReplicaSet", "ReplicationController")


class Player:
    """One scenario in one world."""

    def __init__(self, record: dict) -> None:
        self._given = record["in"]
        self._expected = record["out"]
        self._world = HollowWorld(seed=SEED, nodes=0, prompt=True)
        self._client = self._world.client
        self._nodes = [n["metadata"]["name"] for n in self._cluster_nodes()]
        self._normaliser = Normaliser(self._given, self._nodes)

    def _cluster_nodes(self) -> list[dict]:
        if self._given["cluster"] != "shared":
            return []
        return json.loads(CLUSTER.read_text())["nodes"]

    def play(self) -> dict:
        """All steps, then the events."""
        self._world.settle(1)
        for node in self._cluster_nodes():
            self._client.create(node)
        for name in self._given["namespaces"]:
            self._client.create(
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            )
        self._world.settle_and_wait(1)
        steps = [
            self._step(step, seen)
            for step, seen in zip(self._given["steps"], self._expected["steps"], strict=True)
        ]
        return {"events": self._events(), "steps": steps}

    def _step(self, step: dict, seen: dict) -> dict:
        revision = self._world.store.revision
        result = self._act(step)
        self._world.settle_and_wait(step["settle"])
        self._learn()
        dump: dict = {}
        if result is not None:
            dump["result"] = self._result(result)
        if step.get("record", True):
            varies = seen.get("varies") or []
            dump["objects"] = self._objects(varies)
            dump["trace"] = None if seen["trace"] is None else self._trace(revision)
            if varies:
                dump["varies"] = varies
        return dump

    # What is done ------------------------------------------------------------------------------

    def _act(self, step: dict):
        action = getattr(self, f"_do_{step['op']}", None)
        if action is None:
            raise UnsupportedError(f"step {step['op']}")
        try:
            return action(step)
        except ApiError as error:
            return {"error": _error(error)}
        except NotModelledError as error:
            raise UnsupportedError(str(error)) from error

    def _resource(self, kind: str) -> str:
        for info in default_scheme():
            if info.gvk.kind == kind and info.preferred and info.gvk.group in CONFIGURED_GROUPS:
                return str(info.group_resource)
        raise UnsupportedError(f"kind {kind}")

    def _namespace(self, resource: str, step: dict) -> str:
        info = self._client.resource_info(resource)
        return (step.get("namespace") or "demo") if info.namespaced else ""

    def _do_create(self, step: dict):
        failures = []
        for obj in step["objects"]:
            try:
                self._create(obj)
            except ApiError as error:
                name = f"{obj['kind']}/{obj['metadata'].get('name')}"
                failures.append({"error": _error(error), "object": name})
        return failures or None

    def _create(self, obj: dict) -> None:
        value = freeze(obj)
        info = default_scheme().by_kind(obj["apiVersion"], obj["kind"])
        if info is None:
            raise UnsupportedError(f"kind {obj['kind']}")
        namespace = "demo" if info.namespaced else ""
        created = self._client.create(value, obj["metadata"].get("namespace") or namespace)
        if "status" in obj and "status" in info.subresources:
            self._client.update_status(created.set(("status",), value["status"]))

    def _do_patch(self, step: dict):
        resource = self._resource(step["kind"])
        kind = step.get("type", "merge")
        self._client.patch(
            resource,
            step["name"],
            step["patch"] if kind == "json" else freeze(step["patch"]),
            self._namespace(resource, step),
            patch_type=PATCH_TYPES[kind],
            subresource=step.get("subresource", ""),
        )

    def _do_scale(self, step: dict):
        resource = self._resource(step["kind"])
        self._client.patch(
            resource,
            step["name"],
            freeze({"spec": {"replicas": step["replicas"]}}),
            self._namespace(resource, step),
            subresource="scale",
        )

    def _do_delete(self, step: dict):
        resource = self._resource(step["kind"])
        options = DeleteOptions(
            grace_period_s=step.get("gracePeriodSeconds"),
            propagation_policy=step.get("propagationPolicy"),
        )
        self._client.delete(resource, step["name"], self._namespace(resource, step), options)

    def _do_deleteCollection(self, step: dict):  # noqa: N802 - the vectors' word
        resource = self._resource(step["kind"])
        info = self._client.resource_info(resource)
        self._world.server.handle(
            Request(
                verb="deletecollection",
                resource=info.resource,
                group=info.gvk.group,
                version=info.gvk.version,
                namespace="demo",
                list_options=ListOptions(label_selector=step.get("labelSelector", "")),
                user="user",
            )
        )

    def _do_setOwner(self, step: dict):  # noqa: N802 - the vectors' word
        resource = self._resource(step["kind"])
        owner_resource = self._resource(step["ownerKind"])
        info = self._client.resource_info(owner_resource)
        namespace = (step.get("ownerNamespace") or "demo") if info.namespaced else ""
        owner = self._client.get(owner_resource, step["ownerName"], namespace)
        reference = {
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
            **step.get("extra", {}),
        }
        obj = self._client.get(resource, step["name"], "demo")
        present = thaw(obj.at("metadata", "ownerReferences", default=EMPTY_LIST))
        patch = freeze({"metadata": {"ownerReferences": [*present, reference]}})
        self._client.patch(resource, step["name"], patch, "demo")

    def _do_wait(self, step: dict):
        clock = self._world.clock
        self._world.loop.run_until(clock.now_ns() + step["seconds"] * SECOND_NS)

    def _do_kubelet(self, step: dict):
        return kubelet_step(self._world, step)

    # What is seen ------------------------------------------------------------------------------

    def _kinds(self):
        for info in default_scheme():
            is_shown = info.gvk.group in GROUPS and info.gvk.kind not in HIDDEN
            if is_shown and info.preferred and "list" in info.verbs:
                yield info

    def _learn(self) -> None:
        for info in self._kinds():
            self._normaliser.learn(self._client.list(str(info.group_resource)))

    def _objects(self, varies: list[str]) -> dict:
        shown = self._given["show"]
        dump = {}
        for info in self._kinds():
            kind = info.gvk.kind
            if kind in varies or not (shown["kinds"] is None or kind in shown["kinds"]):
                continue
            found = [
                obj for obj in self._client.list(str(info.group_resource)) if self._shows(info, obj)
            ]
            if found:
                dump[kind] = self._normaliser.dump(kind, found)
        return dump

    def _shows(self, info, obj) -> bool:
        metadata, shown = obj["metadata"], self._given["show"]
        kind = info.gvk.kind
        if not shown["noise"]:
            noise = ("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")
            if kind in NOISE or (kind, metadata["name"]) in noise:
                return False
        if info.namespaced:
            return metadata["namespace"] in self._given["namespaces"]
        if kind in shown["cluster"]:
            return True
        claimed = obj.at("spec", "claimRef", "namespace") == "demo"
        return "demo" in metadata["name"] or (kind == "PersistentVolume" and claimed)

    def _trace(self, revision: int) -> list:
        changes, sizes = [], {}
        for resource, kind in (
            ("replicasets.apps", "ReplicaSet"),
            ("replicationcontrollers", "ReplicationController"),
        ):
            cursor = self._world.store.watch(resource, revision)
            view = self._world.store.view(resource, revision)
            for entry in view.range():
                sizes[resource, entry.key] = entry.value.at("spec", "replicas")
            while cursor.pending():
                event = cursor.next()
                size = None if event.value is None else event.value.at("spec", "replicas")
                if sizes.get((resource, event.key), "absent") != size:
                    sizes[resource, event.key] = size
                    name = event.key.partition("/")[2]
                    changes.append((event.revision, [f"{kind}/{name}", size]))
        return [change for _, change in sorted(changes, key=lambda change: change[0])]

    def _result(self, result):
        return json.loads(self._normaliser.message(json.dumps(result)))

    def _events(self):
        expected = self._expected["events"]
        if expected is None:
            return None
        counts: dict[str, int] = {}
        for event in self._client.list("events", "demo"):
            counts_key = json.dumps(self._event(event), sort_keys=True)
            counts[counts_key] = counts.get(counts_key, 0) + (event.get("count") or 1)
        return [entry for entry in expected if self._has(entry, counts)]

    def _event(self, event) -> dict:
        about = event["involvedObject"]
        shown = self._given["show"]["nodes"]
        message = self._normaliser.message(event["message"])
        return {
            "object": self._normaliser.message(f"{about['kind']}/{about['name']}"),
            "type": event["type"],
            "reason": event["reason"],
            "message": node_words(message, self._nodes, shown),
            "from": event.get("reportingComponent") or event.at("source", "component"),
        }

    @staticmethod
    def _has(entry: dict, counts: dict[str, int]) -> bool:
        wanted = {key: value for key, value in entry.items() if key != "count"}
        count = counts.get(json.dumps(wanted, sort_keys=True))
        return count is not None and (entry["count"] is None or count >= entry["count"])


def _error(error: ApiError) -> dict:
    status = error.to_status()
    seen = {"code": status["code"], "message": status["message"]}
    if status.get("reason"):
        seen["reason"] = status["reason"]
    causes = status.get("details", {}).get("causes")
    if causes:
        seen["causes"] = causes
    return seen
