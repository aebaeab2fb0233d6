"""A real etcd server on this machine, spoken to through its JSON gateway.

Differences of etcd 3.4 and 3.5 to 3.7, which kcore follows, are taken out here by name.
"""

import base64
import contextlib
import http.client
import json
import shutil
import socket
import subprocess
from dataclasses import fields, replace

from kcore.store.etcd import errors, lease_messages, messages
from kcore.store.etcd.watch_messages import EventType
from tests.store.etcd.requests import Requests

PATHS = {
    messages.PutRequest: "kv/put",
    messages.RangeRequest: "kv/range",
    messages.DeleteRangeRequest: "kv/deleterange",
    messages.TxnRequest: "kv/txn",
    messages.CompactionRequest: "kv/compaction",
    lease_messages.LeaseGrantRequest: "lease/grant",
    lease_messages.LeaseRevokeRequest: "lease/revoke",
    lease_messages.LeaseTimeToLiveRequest: "lease/timetolive",
}
OPERATIONS = {
    messages.PutRequest: "request_put",
    messages.RangeRequest: "request_range",
    messages.DeleteRangeRequest: "request_delete_range",
    messages.TxnRequest: "request_txn",
}
RESPONSES = {
    messages.PutResponse: "response_put",
    messages.RangeResponse: "response_range",
    messages.DeleteRangeResponse: "response_delete_range",
    messages.TxnResponse: "response_txn",
}
ENUMS = {
    "sort_order": messages.SortOrder,
    "sort_target": messages.SortTarget,
    "result": messages.CompareResult,
    "target": messages.CompareTarget,
    "type": EventType,
}
NAMES = {"id": "ID", "ttl": "TTL", "granted_ttl": "grantedTTL"}
MEMBER_FIELDS = ("cluster_id", "member_id", "raft_term")


def to_json(message):
    """A message as the gateway writes it: no zeros, numbers as text, bytes in base64."""
    found = {}
    for field in fields(message):
        value = getattr(message, field.name)
        if value is None or (value == field.default and field.name != "header"):
            continue
        found[NAMES.get(field.name, field.name)] = _value(field.name, value)
    return found


def _value(name, value):
    if isinstance(value, tuple):
        return [_item(name, item) for item in value]
    if name in ENUMS:
        return ENUMS[name](value).name
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return to_json(value)


def _item(name, item):
    if name in ("success", "failure"):
        return {OPERATIONS[type(item)]: to_json(item)}
    if name == "responses":
        return {RESPONSES[type(item)]: to_json(item)}
    return _value("", item)


def stripped(value):
    """A response without what only a member knows, and without the oddities of old versions."""
    if isinstance(value, list):
        return [stripped(item) for item in value]
    if not isinstance(value, dict):
        return value
    # A message without fields may be absent or empty.
    return {key: stripped(item) for key, item in value.items() if key not in MEMBER_FIELDS}


# A transaction's refusals that depend on what the store holds.
_REFUSED_BY_STORE = {
    errors.COMPACTED.message,
    errors.FUTURE_REVISION.message,
    errors.KEY_NOT_FOUND.message,
    errors.LEASE_NOT_FOUND.message,
}


def without_order_of_faults(request, answer):
    """etcd before 3.6 looks at a transaction's puts before its ranges, 3.7 at all in order.

    So where there are several faults, another one may be told.
    """
    if isinstance(request, messages.TxnRequest) and answer in _REFUSED_BY_STORE:
        return "refused by what the store holds"
    return answer


def as_told_by_all(request, answer):
    """An answer without what differs between versions of etcd."""
    if isinstance(answer, str):
        return without_order_of_faults(request, answer)
    return without_leases_of_keys(request, answer)


def without_compacted_deletions(events, revision):
    """etcd before 3.6 forgets deletions at the compacted revision itself, 3.7 does not."""
    gone = {"type": "DELETE", "mod_revision": str(revision)}
    return [
        event
        for event in events
        if {"type": event.get("type"), "mod_revision": event["kv"]["mod_revision"]} != gone
    ]


def without_leases_of_keys(request, answer):
    """etcd before 3.6 shows the lease of a key whose value was not asked for; 3.7 does not."""
    if isinstance(request, messages.TxnRequest):
        chosen = request.success if answer.get("succeeded") else request.failure
        pairs = zip(chosen, answer.get("responses", []), strict=True)
        cleaned = [
            {name: without_leases_of_keys(operation, one) for name, one in response.items()}
            for operation, response in pairs
        ]
        return answer | {"responses": cleaned}
    of_keys = isinstance(request, messages.RangeRequest) and request.keys_only
    if not of_keys or request.sort_target == messages.SortTarget.VALUE or "kvs" not in answer:
        return answer
    return answer | {"kvs": [_without(kv, "lease") for kv in answer["kvs"]]}


def _without(mapping, name):
    return {key: value for key, value in mapping.items() if key != name}


class HarmlessRequests(Requests):
    """Requests that do not crash a real server, and that its gateway can be asked."""

    def put(self):
        # A put that keeps what a range without end has deleted before it: index out of range.
        return replace(super().put(), ignore_value=False, ignore_lease=False)

    def request(self):
        # Outside of transactions keeping is safe.
        request = super().request()
        if isinstance(request, messages.PutRequest) and self.sometimes():
            return Requests.put(self)
        return request


class RealEtcd:
    """One member with a data directory of its own; `stop` it."""

    def __init__(self, folder):
        ports = [_free_port() for _ in range(2)]
        client, peer = (f"http://127.0.0.1:{port}" for port in ports)
        self.process = subprocess.Popen(
            [
                *(shutil.which("etcd"), "--data-dir", str(folder / "etcd")),
                *("--listen-client-urls", client, "--advertise-client-urls", client),
                *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
                *("--initial-cluster", f"default={peer}"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.port = ports[0]
        self.connection = self._connected()

    def _connected(self):
        for _ in range(100):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                connection.request("POST", "/v3/kv/range", b'{"key":"AA=="}')
                connection.getresponse().read()
            except OSError:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(timeout=0.1)
                    break
            else:
                return connection
        raise OSError("etcd did not start")

    def send(self, request):
        """The response as JSON, or the refusal's text."""
        self.connection.request(
            "POST", f"/v3/{PATHS[type(request)]}", json.dumps(to_json(request)).encode()
        )
        answer = json.loads(self.connection.getresponse().read())
        if "error" in answer:
            return answer["message"]
        return stripped(answer)

    def events(self, create_request, last_revision):
        """What a watch says up to and with a revision."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = {"create_request": to_json(create_request)}
        connection.request("POST", "/v3/watch", json.dumps(body).encode())
        response = connection.getresponse()
        found = []
        while True:
            result = json.loads(response.readline())["result"]
            if result.get("canceled"):
                connection.close()
                return result.get("compact_revision")
            found += result.get("events", [])
            if found and int(found[-1]["kv"]["mod_revision"]) >= last_revision:
                connection.close()
                return stripped(found)

    def snapshot(self):
        """A snapshot file, as `etcdctl snapshot save` writes it."""
        self.connection.request("POST", "/v3/maintenance/snapshot", b"{}")
        response = self.connection.getresponse()
        lines = (json.loads(line)["result"] for line in response if line.strip())
        return b"".join(base64.b64decode(line.get("blob", "")) for line in lines)

    def stop(self):
        """End the process."""
        self.connection.close()
        self.process.terminate()
        self.process.wait(timeout=30)


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
