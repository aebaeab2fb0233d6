"""kube-apiserver's storage layer on an etcd server: single objects.

`ask` plays one request in the vectors' form. Upstream: `store.go` and `lease_manager.go` in
`k8s.io/apiserver/pkg/storage/etcd3`.
"""

import json
from dataclasses import dataclass

from tests.conformance.etcd import kube_errors, kube_objects

PREFIX = "/registry"
COMPACT_KEY = "compact_rev_key"

# A lease serves the writes of the following seconds too: this many, or 5 % of its time.
LEASE_REUSE_S = 60
LEASE_REUSE_PERCENT = 5
SECOND_NS = 1_000_000_000


@dataclass
class State:
    """What is known of a key: its stored bytes and revision, and whether that is fresh."""

    value: str
    revision: int
    current: bool

    @property
    def uid(self):
        return self._metadata().get("uid", "")

    def _metadata(self):
        return json.loads(self.value)["metadata"] if self.value else {}


class Storage:
    """Calls of the storage interface on single objects."""

    def __init__(self, ask, clock):
        self.ask = ask
        self.clock = clock
        self.lease = None
        self.lease_end_ns = 0

    def create(self, call):
        key = PREFIX + call["key"]
        metadata = kube_objects.metadata_of(key, call["labels"], call["uid"])
        put = {"key": key, "value": kube_objects.encode(metadata)}
        if call.get("ttl"):
            put["lease"] = self._lease_of(call["ttl"])
        compare = {"key": key, "mod_revision": 0, "target": "MOD"}
        answer = self.ask({"txn": {"compare": [compare], "success": [{"request_put": put}]}})
        if not answer.get("succeeded"):
            raise kube_errors.exists(key)
        return kube_objects.shown_value(put["value"], answer["header"]["revision"])

    def get(self, call):
        key = PREFIX + call["key"]
        answer = self.ask({"range": {"key": key, "limit": 1}})
        require_not_older(call["resourceVersion"], answer)
        if not answer.get("kvs"):
            if call["ignoreNotFound"]:
                return kube_objects.show(kube_objects.EMPTY)
            raise kube_errors.not_found(key)
        kv = answer["kvs"][0]
        return kube_objects.shown_value(kv["value"], kv["mod_revision"])

    def delete(self, call):
        key = PREFIX + call["key"]
        state = self._first_state(key, call)
        while True:
            if not self._met(key, call, state):
                state = self._fetch(key)
                continue
            answer = self._swap(key, state, {"request_delete_range": {"key": key}})
            if answer.get("succeeded"):
                return kube_objects.shown_value(state.value, answer["header"]["revision"])
            state = self._state(key, answer["responses"][0]["response_range"])

    def guaranteed_update(self, call):
        key = PREFIX + call["key"]
        absent_is_fine = call["ignoreNotFound"]
        state = self._first_state(key, call, absent_is_fine)
        tries = 0
        while True:
            if not self._met(key, call, state):
                state = self._fetch(key, absent_is_fine)
                continue
            tries += 1
            value = self._updated(key, call, state)
            if value == state.value:
                # Nothing to write, if that is what the store holds.
                state = state if state.current else self._fetch(key, absent_is_fine)
                if value != state.value:
                    continue
                return kube_objects.shown_value(value, state.revision) | {"tries": tries}
            answer = self._swap(key, state, {"request_put": {"key": key, "value": value}})
            if answer.get("succeeded"):
                revision = answer["header"]["revision"]
                return kube_objects.shown_value(value, revision) | {"tries": tries}
            state = self._state(key, answer["responses"][0]["response_range"], absent_is_fine)

    def stats(self, call):
        prefix = f"{PREFIX}/pods"
        answer = self.ask(
            {"range": {"key": f"{prefix}/", "range_end": f"{prefix}0", "count_only": True}}
        )
        return {"objectCount": answer.get("count", 0)}

    def get_current_resource_version(self, call):
        return self.ask({"range": {"key": f"{PREFIX}/pods", "limit": 1}})["header"]["revision"]

    def compact(self, call):
        version, revision = call["expectVersion"], call["revision"]
        compare = {"key": COMPACT_KEY, "version": version}
        put = {"key": COMPACT_KEY, "value": str(revision)}
        txn = {
            "compare": [compare],
            "success": [{"request_put": put}],
            "failure": [{"request_range": {"key": COMPACT_KEY}}],
        }
        answer = self.ask({"txn": txn})
        now = answer["header"]["revision"]
        if not answer.get("succeeded"):
            kvs = answer["responses"][0]["response_range"].get("kvs", [{}])
            done = int(kvs[0].get("value", 0))
            found = kvs[0].get("version", 0)
            return {"compactRevision": done, "currentRevision": now, "version": found}
        # The first of all compactors only says that it is there.
        if revision:
            self.ask({"compact": {"revision": revision}})
        return {"compactRevision": revision, "currentRevision": now, "version": version + 1}

    def _first_state(self, key, call, absent_is_fine=False):
        cached = call.get("cached")
        if cached is None:
            return self._fetch(key, absent_is_fine)
        return State(kube_objects.unshown(cached), int(cached["resourceVersion"]), False)

    def _fetch(self, key, absent_is_fine=False):
        return self._state(key, self.ask({"range": {"key": key, "limit": 1}}), absent_is_fine)

    def _state(self, key, answer, absent_is_fine=False):
        if answer.get("kvs"):
            kv = answer["kvs"][0]
            return State(kv["value"], kv["mod_revision"], True)
        if not absent_is_fine:
            raise kube_errors.not_found(key)
        return State("", 0, True)

    def _met(self, key, call, state):
        """Whether preconditions hold; False only of what may be stale."""
        wanted = call.get("preconditionUID")
        if wanted is not None and wanted != state.uid:
            why = f"UID in precondition: {wanted}, UID in object meta: {state.uid}"
        elif (version := call.get("preconditionResourceVersion")) not in (
            None,
            str(state.revision),
        ):
            why = (
                f"ResourceVersion in precondition: {version}, "
                f"ResourceVersion in object meta: {state.revision}"
            )
        else:
            return True
        if state.current:
            raise kube_errors.invalid(key, f"Precondition failed: {why}")
        return False

    def _updated(self, key, call, state):
        if not state.value:
            return kube_objects.encode(
                kube_objects.metadata_of(key, uid="uid-new"), call["nodeName"]
            )
        return kube_objects.encode(json.loads(state.value)["metadata"], call["nodeName"])

    def _swap(self, key, state, operation):
        compare = {"key": key, "mod_revision": state.revision, "target": "MOD"}
        txn = {
            "compare": [compare],
            "success": [operation],
            "failure": [{"request_range": {"key": key}}],
        }
        return self.ask({"txn": txn})

    def _lease_of(self, ttl_s):
        now_ns = self.clock.now_ns()
        spare_s = min(LEASE_REUSE_S, ttl_s * LEASE_REUSE_PERCENT // 100)
        earliest_ns, latest_ns = now_ns + ttl_s * SECOND_NS, now_ns + (ttl_s + spare_s) * SECOND_NS
        if not (self.lease and earliest_ns < self.lease_end_ns < latest_ns):
            self.lease = self.ask({"lease_grant": {"TTL": ttl_s + spare_s}})["ID"]
            self.lease_end_ns = latest_ns
        return self.lease


def require_not_older(asked, answer):
    """Refuse a minimum that the store has not reached."""
    current = answer["header"]["revision"]
    if asked and int(asked) > current:
        raise kube_errors.too_large(asked, current)
