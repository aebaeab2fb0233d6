"""kube-apiserver's storage layer on an etcd server: watches."""

from tests.conformance.etcd import kube_errors, kube_objects
from tests.conformance.etcd.kube_storage import PREFIX

PAGE_LIMIT_MAX = 10_000
INITIAL_EVENTS_END = {"k8s.io/initial-events-end": "true"}


def watch(ask, call, streamed, stream):
    """What a watch sees up to now. Without a version it begins with all there is."""
    prefix = f"{PREFIX}{call['key']}/"
    bounds = {"key": prefix, "range_end": f"{prefix[:-1]}0"}
    events = []
    revision = int(call["resourceVersion"] or 0)
    if revision == 0:
        kvs, revision = _everything(ask, bounds, streamed)
        events = [_object_event("ADDED", kv["value"], kv["mod_revision"]) for kv in kvs]
        if call.get("sendInitialEvents"):
            bookmark = kube_objects.show(kube_objects.EMPTY, revision)
            events.append(
                {"type": "BOOKMARK", "object": bookmark, "annotations": INITIAL_EVENTS_END}
            )
    request = bounds | {"prev_kv": True, "start_revision": revision + 1}
    ask({"watch": {"stream": stream, "create_request": request}}, recorded=False)
    seen = ask({"read": stream}, recorded=False)
    if seen.get("ends"):
        gone = {"code": 410, "message": kube_errors.WATCH_TOO_OLD, "reason": "Expired"}
        events.append({"type": "ERROR", "status": gone})
    for group in seen["watches"].get("0", []):
        events.extend(_event(event) for event in group["events"])
    return {"events": events, "watch_requests": [request]}


def _everything(ask, bounds, streamed):
    if streamed:
        chunks = ask({"range_stream": bounds})["chunks"]
        kvs = [kv for chunk in chunks for kv in chunk.get("kvs", [])]
        return kvs, chunks[-1]["header"]["revision"]
    answer = ask({"range": bounds | {"limit": PAGE_LIMIT_MAX}})
    return answer.get("kvs", []), answer["header"]["revision"]


def _event(event):
    kv = event["kv"]
    if event.get("type") == "DELETE":
        # The object as it was, under the revision that deleted it.
        return _object_event("DELETED", event["prev_kv"]["value"], kv["mod_revision"])
    created = kv["create_revision"] == kv["mod_revision"]
    return _object_event("ADDED" if created else "MODIFIED", kv["value"], kv["mod_revision"])


def _object_event(kind, value, revision):
    return {"type": kind, "object": kube_objects.shown_value(value, revision)}
