"""The example pods of kube-apiserver's storage tests: their stored form, and what vectors show."""

import json

EMPTY = {"metadata": {}, "spec": {}}


def encode(metadata, node_name=""):
    """The bytes a pod is stored as."""
    order = ("name", "namespace", "uid", "labels")
    kept = {field: metadata[field] for field in order if metadata.get(field)}
    spec = {"nodeName": node_name} if node_name else {}
    pod = {
        "kind": "Pod",
        "apiVersion": "example.apiserver.k8s.io/v1",
        "metadata": kept,
        "spec": spec,
        "status": {},
    }
    return json.dumps(pod, separators=(",", ":")) + "\n"


def show(pod, revision=None):
    """A pod as results show it."""
    metadata = pod["metadata"]
    return {
        "labels": metadata.get("labels"),
        "name": metadata.get("name", ""),
        "namespace": metadata.get("namespace", ""),
        "nodeName": pod["spec"].get("nodeName", ""),
        "resourceVersion": str(revision) if revision else "",
        "uid": metadata.get("uid", ""),
    }


def shown_value(value, revision):
    """Stored bytes as results show them."""
    return show(json.loads(value), revision)


def metadata_of(key, labels=None, uid=""):
    """Metadata of a new pod under a key `/pods/namespace/name`."""
    namespace, name = key.split("/")[-2:]
    return {"name": name, "namespace": namespace, "uid": uid, "labels": labels}


def unshown(shown):
    """The bytes of a pod that results show: what the caller has cached."""
    return encode(shown, shown["nodeName"])
