"""The dump of a world, with everything taken out that differs from play to play.

The rules are those of the vectors' README: times, uids, addresses and random name suffixes become
placeholders, equal objects are folded into one with a count, lists without order are sorted.
"""

import json
import re
from collections.abc import Iterable

from kcore.machinery.frozen import thaw

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_UNORDERED = ("conditions", "endpoints", "subsets", "addresses", "ownerReferences", "finalizers")
_DROPPED = ("uid", "resourceVersion", "managedFields", "creationTimestamp")


class Normaliser:
    """Knows the scenario's generated names and addresses, which become placeholders."""

    def __init__(self, given: dict, node_names: Iterable[str]) -> None:
        self._show = given["show"]
        self._text = json.dumps(given["steps"])
        self._nodes = tuple(node_names)
        self._generated: dict[str, str] = {}

    def learn(self, objects: Iterable) -> None:
        """Remember generated names before they are used in messages."""
        for obj in objects:
            prefix = obj["metadata"].get("generateName")
            name = obj["metadata"]["name"]
            if prefix and name.startswith(prefix) and len(name) == len(prefix) + 5:
                self._generated[name] = prefix + "*"

    def dump(self, kind: str, objects: Iterable) -> list[dict]:
        """The objects of one kind as a record shows them."""
        folded: dict[str, dict] = {}
        counts: dict[str, int] = {}
        for obj in objects:
            plain = self._object(kind, thaw(obj))
            text = json.dumps(plain, sort_keys=True)
            folded[text] = plain
            counts[text] = counts.get(text, 0) + 1
        texts = sorted(folded, key=lambda text: (folded[text]["metadata"]["name"], text))
        return [
            {**folded[text], "n": counts[text]} if counts[text] > 1 else folded[text]
            for text in texts
        ]

    def message(self, text: str) -> str:
        """A message with placeholders."""
        return self._words(text)

    def _object(self, kind: str, obj: dict) -> dict:
        obj = {key: value for key, value in obj.items() if key not in ("kind", "apiVersion")}
        metadata = {k: v for k, v in obj["metadata"].items() if k not in _DROPPED}
        if metadata.get("namespace") == "demo":
            del metadata["namespace"]
        for reference in metadata.get("ownerReferences") or ():
            reference.pop("uid", None)
        obj["metadata"] = metadata
        if kind == "PersistentVolume":
            (obj["spec"].get("claimRef") or {}).pop("resourceVersion", None)
        if kind == "EndpointSlice":
            # How often a slice was written differs from play to play.
            metadata.pop("generation", None)
        if kind == "Namespace":
            metadata.get("labels", {}).pop("kubernetes.io/metadata.name", None)
            _put(metadata, "labels", metadata.get("labels"))
        if kind == "Pod":
            self._pod(obj)
        if kind == "Service":
            self._service(obj)
        if kind == "ConfigMap" and "-----BEGIN" in (obj.get("data") or {}).get("ca.crt", ""):
            obj["data"]["ca.crt"] = "<pem>"
        return self._walk(obj)

    def _pod(self, pod: dict) -> None:
        pod.get("status", {}).pop("containerStatuses", None)
        spec = pod["spec"]
        volumes = [v for v in spec.get("volumes") or () if "kube-api-access" not in v["name"]]
        _put(spec, "volumes", volumes)
        for container in [*spec["containers"], *(spec.get("initContainers") or ())]:
            mounts = [
                m for m in container.get("volumeMounts") or () if "kube-api-access" not in m["name"]
            ]
            _put(container, "volumeMounts", mounts)
        status = pod.get("status", {})
        if not self._show["nodes"]:
            for name in ("hostIP", "hostIPs"):
                status.pop(name, None)
            labels = pod["metadata"].get("labels") or {}
            for name in ("topology.kubernetes.io/zone", "topology.kubernetes.io/region"):
                if name in labels and name not in self._text:
                    del labels[name]
            if "labels" in pod["metadata"] and not labels:
                del pod["metadata"]["labels"]

    def _service(self, service: dict) -> None:
        spec = service["spec"]
        if self._is_allocated(spec.get("clusterIP")):
            spec["clusterIP"] = "<clusterIP>"
        spec_ips = spec.get("clusterIPs")
        if spec_ips:
            spec["clusterIPs"] = [
                "<clusterIP>" if self._is_allocated(ip) else ip for ip in spec_ips
            ]
        for port in spec.get("ports") or ():
            if port.get("nodePort") and str(port["nodePort"]) not in self._text:
                port["nodePort"] = "<nodePort>"

    def _is_allocated(self, ip: str | None) -> bool:
        return bool(ip) and ip != "None" and f'"{ip}"' not in self._text

    def _walk(self, value, key: str = ""):
        if isinstance(value, dict):
            if not self._show["nodes"]:
                value = {k: v for k, v in value.items() if k not in ("zone", "hints")}
            return {k: self._walk(v, k) for k, v in value.items()}
        if isinstance(value, list):
            items = [self._walk(item, key) for item in value]
            return sorted(items, key=_sort_text) if key in _UNORDERED else items
        if isinstance(value, str):
            return self._leaf(value, key)
        return value

    def _leaf(self, text: str, key: str) -> str:
        is_address = key in ("podIP", "ip", "addresses") and text.startswith("10.")
        if is_address and f'"{text}"' not in self._text:
            return "<podIP>"
        if key == "nodeName" and not self._show["nodes"] and text in self._nodes:
            return "<node>"
        return self._words(text)

    def _words(self, text: str) -> str:
        text = _TIME.sub("<time>", text)
        text = _UID.sub("<uid>", text) if "00000000-" not in text else text
        if text in self._generated:
            return self._generated[text]
        for name, pattern in self._generated.items():
            if name in text:
                text = text.replace(name, pattern)
        return text


def node_words(text: str, nodes: Iterable[str], shown: bool) -> str:
    """A message without node names, unless the scenario shows them."""
    if shown:
        return text
    return re.sub(r"\b(" + "|".join(map(re.escape, nodes)) + r")\b", "<node>", text)


def _sort_text(value) -> str:
    return json.dumps(value, sort_keys=True)


def _put(owner: dict, key: str, value) -> None:
    if value:
        owner[key] = value
    else:
        owner.pop(key, None)
