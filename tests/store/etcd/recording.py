"""Plays clients and watchers against a store member and records what they see."""

from collections import deque

from kcore.runtime.choice import SeededSource
from kcore.store.etcd import messages, watch_messages
from kcore.testing.history.records import History
from tests.conformance.etcd.codec import decode, encode

CALLS = {
    "put": messages.PutRequest,
    "range": messages.RangeRequest,
    "delete_range": messages.DeleteRangeRequest,
    "txn": messages.TxnRequest,
}
KEYS = ("k/a", "k/b", "k/c")
CLIENTS_COUNT = 4


class Recorder:
    """A run of `member`, chosen by `seed`. Each operation has a call, an effect and a return."""

    def __init__(self, member, seed):
        self.member = member
        self.choices = SeededSource(seed)
        self.time = 0
        self.ops = []
        self.waiting = {}
        self.done = {}
        self.watches = []
        self.values = 0

    def run(self, steps_count):
        """The history of so many steps, ended by reads of everything."""
        self.open_watch({"key": "\0", "range_end": "\0", "prev_kv": True, "start_revision": 1})
        for _ in range(steps_count):
            self.pick(self.moves())()
        self.finish()
        return History.from_dict(
            {
                "ops": self.ops,
                "watches": [record for record, _ in self.watches],
                "compacted": self.member.server.keyspace.first_revision,
            }
        )

    def moves(self):
        """What may happen next; operations are the most likely."""
        moves = [self.call] * 6 + [self.read_watches] * 2
        moves += [self.effect] * 6 if self.waiting else []
        moves += [self.give_back] * 6 if self.done else []
        moves += [self.member.hiccup, self.compact]
        if len(self.watches) < 10:
            moves.append(self.watch_something)
        return moves

    def finish(self):
        """Let everybody return, and everything be delivered."""
        while self.waiting:
            self.effect()
        while self.done:
            self.give_back()
        for _ in range(3):
            self.call(kind="range")
            self.effect()
            self.give_back()
        self.read_watches()

    def pick(self, items):
        """One of them."""
        return items[self.choices.choose(len(items), "run")]

    def tick(self):
        """The next moment."""
        self.time += 1
        return self.time

    # --- operations ---

    def call(self, kind=None):
        """A client that is idle asks for something."""
        idle = [one for one in range(CLIENTS_COUNT) if one not in {*self.waiting, *self.done}]
        if not idle:
            return
        client = self.pick(idle)
        kind = kind or self.pick(("put", "put", "range", "delete_range", "txn", "txn"))
        request = getattr(self, f"some_{kind}")()
        self.ops.append({"client": client, "call": self.tick(), "op": {kind: request}})
        self.waiting[client] = self.ops[-1]

    def effect(self):
        """The store answers somebody."""
        client = self.pick(sorted(self.waiting))
        entry = self.waiting.pop(client)
        ((kind, request),) = entry["op"].items()
        entry["result"] = self.member.call(kind, decode(CALLS[kind], request))
        self.done[client] = entry

    def give_back(self):
        """Somebody gets the answer."""
        client = self.pick(sorted(self.done))
        self.done.pop(client)["return"] = self.tick()

    def compact(self):
        """Forget the oldest revisions, now and then up to the last delete."""
        if self.choices.choose(5, "run") == 0:
            self.member.compact()

    def value(self):
        """One that was never written before."""
        self.values += 1
        return f"v{self.values}"

    def some_put(self):
        return {"key": self.pick(KEYS), "value": self.value(), "prev_kv": True}

    def some_range(self):
        if self.choices.choose(5, "run") < 2:
            return {"key": self.pick(KEYS)}
        return {"key": "k/", "range_end": "k0"}

    def some_delete_range(self):
        return {"key": self.pick(KEYS), "prev_kv": True}

    def some_txn(self):
        """An optimistic update, or two keys at once with a read of both."""
        if self.choices.choose(2, "run"):
            key = self.pick(KEYS)
            seen = self.member.mod_revision(key)
            return {
                "compare": [{"key": key, "target": "MOD", "mod_revision": seen}],
                "success": [{"request_put": {"key": key, "value": self.value()}}],
                "failure": [{"request_range": {"key": key}}],
            }
        first = self.pick(KEYS)
        second = self.pick([key for key in KEYS if key != first])
        value = self.value()
        puts = [{"request_put": {"key": key, "value": value}} for key in (first, second)]
        return {"success": [*puts, {"request_range": {"key": "k/", "range_end": "k0"}}]}

    # --- watches ---

    def watch_something(self):
        """A watch of one key or all: from now, the past, the next revision or a later one."""
        request = self.some_range() | {"prev_kv": True}
        revision = self.member.server.keyspace.revision
        oldest = self.member.server.keyspace.first_event_revision
        past = oldest + self.choices.choose(max(revision - oldest, 0) + 1, "run")
        start = self.pick((0, oldest, past, revision + 1, revision + 3))
        if start:
            request["start_revision"] = start
        self.open_watch(request)

    def open_watch(self, request):
        """Create it on a stream of its own."""
        stream = self.member.open()
        record = {"call": self.tick(), "create_request": request, "responses": []}
        self.watches.append((record, stream))
        created = stream.create(decode(watch_messages.WatchCreateRequest, request))
        self.note(record, created)

    def read_watches(self):
        """Everybody reads; one of them asks how far it is first."""
        asking = self.choices.choose(len(self.watches), "run")
        for place, (record, stream) in enumerate(self.watches):
            responses = deque()
            if place == asking:
                progress = stream.progress()
                responses.extend(() if progress is None else (progress,))
            responses.extendleft(reversed(stream.read()))
            for response in responses:
                self.note(record, response)

    def note(self, record, response):
        """Write a response down."""
        record["responses"].append(encode(response) | {"time": self.tick()})
