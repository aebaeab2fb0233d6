"""kube-apiserver's storage layer on an etcd server: lists, whole, streamed or in pages."""

import base64
import json

from tests.conformance.etcd import kube_errors
from tests.conformance.etcd.kube_storage import PREFIX, require_not_older

PAGE_LIMIT_MAX = 10_000


def get_list(ask, call, streamed):
    """One list; `streamed` says whether the server is asked for a stream where that will do."""
    prefix = f"{PREFIX}{call['key']}/"
    limit = call.get("limit", 0)
    selector = call.get("labelSelector", "")
    key, revision = _start(call, prefix, limit)
    fetch = _streamed if streamed and not (limit and selector) else _ranged
    items, page = [], limit
    while True:
        request = {"key": key, "range_end": f"{prefix[:-1]}0"}
        if page:
            request["limit"] = page
        if revision:
            request["revision"] = revision
        answer = _checked(fetch(ask, request), ask, call)
        more = answer.get("more", False)
        for kv in answer.get("kvs", []):
            if limit and len(items) >= limit:
                more = True
                break
            last = kv["key"]
            if _selected(kv["value"], selector):
                items.append(f"{last.removeprefix(prefix)}@{kv['mod_revision']}")
        revision_read = revision or answer["header"]["revision"]
        if not more or not limit or len(items) >= limit:
            break
        # Objects that were not selected left the page short: ask for more at once.
        page = min(2 * page, PAGE_LIMIT_MAX)
        key, revision = f"{last}\0", revision_read
    result = {"items": [_named(item, call["key"]) for item in items]}
    result["resourceVersion"] = str(revision_read)
    if more:
        result["continue"] = _token(f"{last}\0", prefix, revision_read)
        if not selector:
            result["remainingItemCount"] = answer["count"] - limit
    return result


def _start(call, prefix, limit):
    """Where the list begins, and at which revision (0: the latest)."""
    if "continue" in call:
        token = json.loads(_unpadded(call["continue"]))
        return prefix + token["start"], max(token["rv"], 0)
    asked = int(call.get("resourceVersion") or 0)
    match = call.get("resourceVersionMatch", "")
    exact = match == "Exact" or (match == "" and limit > 0)
    return prefix, asked if exact else 0


def _streamed(ask, request):
    """A stream put together: the last chunk has the header and the count of all."""
    answer = ask({"range_stream": request})
    if "error" in answer:
        return answer
    kvs = [kv for chunk in answer["chunks"] for kv in chunk.get("kvs", [])]
    return answer["chunks"][-1] | {"kvs": kvs}


def _ranged(ask, request):
    return ask({"range": request})


def _checked(answer, ask, call):
    if "error" not in answer:
        require_not_older(call.get("resourceVersion"), answer)
        return answer
    if "future revision" in answer["error"]["message"]:
        now = ask({"range": {"key": f"{PREFIX}/pods", "limit": 1}})
        require_not_older(call.get("resourceVersion"), now)
    text = kube_errors.TOKEN_TOO_OLD if "continue" in call else kube_errors.LIST_TOO_OLD
    raise kube_errors.status(text)


def _selected(value, selector):
    if not selector:
        return True
    name, wanted = selector.split("=")
    return (json.loads(value)["metadata"].get("labels") or {}).get(name) == wanted


def _named(item, key):
    """`namespace/name@revision`, also of a list of one namespace."""
    namespace = key.removeprefix("/pods").removeprefix("/")
    return f"{namespace}/{item}" if namespace else item


def _token(key, prefix, revision):
    token = {"v": "meta.k8s.io/v1", "rv": revision, "start": key.removeprefix(prefix)}
    packed = json.dumps(token, separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _unpadded(token):
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
