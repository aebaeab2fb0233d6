"""Plays the steps of one record on a server of its own."""

from kcore.runtime.clock import VirtualClock
from kcore.store.etcd import lease_messages, messages, watch_messages
from kcore.store.etcd.errors import EtcdError
from kcore.store.etcd.limits import EtcdLimits
from kcore.store.etcd.server import EtcdServer
from tests.conformance.etcd.codec import decode, encode

CALLS = {
    "put": messages.PutRequest,
    "range": messages.RangeRequest,
    "delete_range": messages.DeleteRangeRequest,
    "txn": messages.TxnRequest,
    "compact": messages.CompactionRequest,
    "lease_grant": lease_messages.LeaseGrantRequest,
    "lease_revoke": lease_messages.LeaseRevokeRequest,
    "lease_keep_alive": lease_messages.LeaseKeepAliveRequest,
    "lease_time_to_live": lease_messages.LeaseTimeToLiveRequest,
    "alarm": lease_messages.AlarmRequest,
}

FLAGS = {
    "--max-txn-ops": "txn_operations_count_max",
    "--max-request-bytes": "request_bytes_max",
}

SECOND_NS = 1_000_000_000


def limits_of(flags):
    """Server flags as limits."""
    pairs = (flag.split("=", 1) for flag in flags)
    return EtcdLimits(**{FLAGS[name]: int(value) for name, value in pairs})


class Player:
    """One server, its clock and its watch streams."""

    def __init__(self, flags=(), first_label="chosen"):
        self.clock = VirtualClock()
        self.server = EtcdServer(self.clock, limits_of(flags))
        self.streams = {}
        # Ids that the server chose have other names in the vectors.
        self.chosen = {}
        self.first_label = first_label

    def play(self, step):
        """The answer to one step."""
        ((name, given),) = step.items()
        try:
            return self._named(self._answer(name, given))
        except EtcdError as error:
            return {"error": {"code": error.code, "grpc": error.grpc, "message": error.message}}

    def _answer(self, name, given):
        if name in CALLS:
            return self._call(name, given)
        if name == "range_stream":
            chunks = self.server.range_stream(decode(messages.RangeRequest, given))
            return {"chunks": [encode(chunk) for chunk in chunks]}
        if name == "lease_leases":
            return encode(self.server.lease_leases())
        return getattr(self, f"_{name}")(given)

    def _call(self, name, given):
        request = decode(CALLS[name], self._own_ids(given))
        answer = encode(getattr(self.server, name)(request))
        if name == "lease_grant" and not given.get("ID"):
            label = f"chosen-{len(self.chosen) + 1}" if self.chosen else self.first_label
            self.chosen[label] = answer["ID"]
        if name == "lease_time_to_live" and answer["TTL" if "TTL" in answer else "ID"] != -1:
            # The rest of its time runs with the clock.
            answer.pop("TTL", None)
        return answer

    def _own_ids(self, given):
        """Vectors' names of chosen leases replaced by our ids."""
        if isinstance(given, dict):
            return {key: self._own_ids(value) for key, value in given.items()}
        if isinstance(given, list):
            return [self._own_ids(item) for item in given]
        return self.chosen.get(given, given) if isinstance(given, str) else given

    def _named(self, answer):
        names = {number: label for label, number in self.chosen.items()}
        if isinstance(answer, dict):
            return {key: self._named(value) for key, value in answer.items()}
        if isinstance(answer, list):
            return [self._named(item) for item in answer]
        return names.get(answer, answer) if isinstance(answer, int) else answer

    def _watch(self, given):
        stream = self.streams.setdefault(given["stream"], None) or self.server.watch()
        self.streams[given["stream"]] = stream
        if "create_request" in given:
            request = decode(watch_messages.WatchCreateRequest, given["create_request"])
            return encode(stream.create(request))
        if "cancel_request" in given:
            answer = stream.cancel(given["cancel_request"].get("watch_id", 0))
        else:
            answer = stream.progress()
        return None if answer is None else encode(answer)

    def _read(self, name):
        watches, ends = {}, []
        for response in self.streams[name].read():
            if response.canceled:
                ends.append(encode(response))
                continue
            groups = watches.setdefault(str(response.watch_id), [])
            for event in response.events:
                revision = event.kv.mod_revision
                if not groups or groups[-1]["revision"] != revision:
                    groups.append({"revision": revision, "events": []})
                groups[-1]["events"].append(encode(event))
        return {"watches": watches} | ({"ends": ends} if ends else {})

    def _fragments(self, name):
        responses = self.streams[name].read()
        return {
            "responses": [
                {
                    "events": len(response.events),
                    "fragment": response.fragment,
                    "first": response.events[0].kv.key.decode("latin-1"),
                    "last": response.events[-1].kv.key.decode("latin-1"),
                }
                for response in responses
            ]
        }

    def _expire(self, given):
        """Let time pass until the lease has ended, renewing the others."""
        lease = given["lease"]
        for other in given.get("keep_alive", ()):
            self.server.lease_keep_alive(lease_messages.LeaseKeepAliveRequest(other))
        asked = lease_messages.LeaseTimeToLiveRequest(lease)
        while (left := self.server.lease_time_to_live(asked)).ttl > 0:
            self.clock.advance_to(self.clock.now_ns() + min(left.ttl, 1) * SECOND_NS)
            for other in given.get("keep_alive", ()):
                self.server.lease_keep_alive(lease_messages.LeaseKeepAliveRequest(other))
        return encode(left)
