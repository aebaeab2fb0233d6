"""Somebody who sends hostile requests to one server, and looks at what they leave behind."""

from typing import Any

from kcore.errors import ApiError, NotModelledError
from kcore.machinery.frozen import FrozenList, FrozenMap, freeze, thaw
from kcore.machinery.request import (
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_MERGE_PATCH,
    DeleteOptions,
    ListOptions,
    Request,
    WriteOptions,
)
from kcore.printing.describe import describe
from kcore.printing.table import table_of
from tests.apiserver.hostile import NUMBERS, TEXTS, Random, broken, junk, places

PATCHES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH)
PARTS: dict[str, dict[str, Any]] = {
    "binding": {
        "apiVersion": "v1",
        "kind": "Binding",
        "target": {"apiVersion": "v1", "kind": "Node", "name": "node-1"},
    },
    "eviction": {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "deleteOptions": {"gracePeriodSeconds": 5, "preconditions": {}},
    },
    "scale": {"apiVersion": "autoscaling/v1", "kind": "Scale", "spec": {"replicas": 3}},
}


class Attacker:
    """Sends hostile requests to one server and looks at what they leave behind."""

    def __init__(self, server: Any, clock: Any, random: Random, others: list[Any]) -> None:
        self.server, self.clock, self.random, self.others = server, clock, random, others
        self.store = server.context.storage.store
        self.accepted = 0
        self.namespace = "default"

    def send(self, verb: str, info: Any, **fields: Any) -> Any:
        """The response; None after a refusal, which must have changed nothing."""
        namespace = self.namespace if info.namespaced else ""
        if "get" not in info.verbs and verb != "create":
            return None
        group, version = info.gvk.group, info.gvk.version
        request = Request(verb, info.resource, group, version, namespace, **fields)
        before, revision = self.contents(info), self.store.revision
        try:
            response = self.server.handle(request)
        except ApiError as error:
            error.to_status()
            response = None
        except NotModelledError:
            response = None
        if response is None:
            charged = fields.get("subresource") == "eviction"  # A budget pays before the delete.
            assert charged or revision == self.store.revision, request
            now = self.contents(info)
            assert charged or list(before.range()) == list(now.range()), request
            return None
        self.accepted += 1
        return response

    def contents(self, info: Any) -> Any:
        """What is stored of one kind, pinned."""
        self.server.context.storage.declare(str(info.group_resource))
        return self.store.view(str(info.group_resource))

    def name(self, info: Any) -> str:
        """The name of a stored object of one kind, now and then one that is not there."""
        names = [entry.value["metadata"]["name"] for entry in self.entries(info)]
        return self.random.choice(names) if names and self.random.randrange(20) else "absent"

    def entries(self, info: Any) -> list[Any]:
        """What is stored of one kind in the namespace."""
        bucket = str(info.group_resource)
        if bucket not in self.store.buckets():
            return []
        start = f"{self.namespace if info.namespaced else ''}/"
        return list(self.store.view(bucket).range(start, start[:-1] + "0"))

    def stored(self, info: Any, name: str) -> Any:
        """The stored object, thawed; None when there is none."""
        space = self.namespace if info.namespaced else ""
        if str(info.group_resource) not in self.store.buckets():
            return None
        entry = self.store.get(str(info.group_resource), f"{space}/{name}")
        return None if entry is None else thaw(entry.value)

    def attack(self, obj: Any, info: Any) -> None:
        """One hostile request about `obj`, or about what is stored of its kind."""
        random = self.random
        how = random.randrange(10)
        options = WriteOptions(
            field_validation=random.choice(("Ignore", "Warn", "Strict")),
            dry_run=random.randrange(8) == 0,
        )
        if how < 3:
            body = obj if random.randrange(4) == 0 else broken(random, obj, self.others)
            self.send("create", info, body=freeze(body), write_options=options)
        elif how < 6:
            self.change(obj, info, options)
        elif how < 8:
            self.patch(obj, info, options)
        elif how == 8:
            self.subresource(info, options)
        else:
            self.look(info)
            self.delete(info)

    def part(self, info: Any) -> str:
        """The object itself, or one of its subresources."""
        return self.random.choice(("", "", *info.subresources))

    def change(self, obj: Any, info: Any, options: WriteOptions) -> None:
        """Replace a stored object, or a part of it."""
        name = self.name(info)
        old = self.stored(info, name) or obj
        body = broken(self.random, old, [*self.others, obj])
        body_map = freeze(body)
        self.send(
            "update",
            info,
            name=name,
            subresource=self.part(info),
            body=body_map,
            write_options=options,
        )

    def patch(self, obj: Any, info: Any, options: WriteOptions) -> None:
        """Patch a stored object, or a part of it, in one of three ways."""
        random = self.random
        name, kind = self.name(info), random.choice(PATCHES)
        old = self.stored(info, name) or obj
        if kind == JSON_PATCH:
            body = {"operations": [self.operation(old) for _ in range(random.randrange(1, 4))]}
            if random.randrange(5) == 0:
                body = broken(random, body, self.others)
        else:
            body = broken(random, random.choice((old, obj)), self.others)
            if random.randrange(2) == 0:
                keep = random.choice(("spec", "metadata", "status", "data"))
                body = {key: value for key, value in body.items() if key == keep}
            if kind == STRATEGIC_MERGE_PATCH:
                self.direct(body)
        self.send(
            "patch",
            info,
            name=name,
            subresource=self.part(info),
            body=freeze(body),
            patch_type=kind,
            write_options=options,
        )

    def operation(self, obj: Any) -> Any:
        """One operation of a JSON patch at some place of `obj`."""
        random = self.random
        operation = {
            "op": random.choice(("add", "remove", "replace", "move", "copy", "test", "x")),
            "path": random.choice((self.pointer(obj), random.choice(TEXTS))),
            "from": self.pointer(obj),
            "value": junk(random),
        }
        return broken(random, operation, [operation]) if random.randrange(5) == 0 else operation

    def pointer(self, obj: Any) -> str:
        """A JSON pointer into `obj`, sometimes beside it."""
        random, path = self.random, ""
        while isinstance(obj, dict | list) and obj and random.randrange(6):
            key = random.choice(list(obj) if isinstance(obj, dict) else range(len(obj)))
            path, obj = f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}", obj[key]
        return path + random.choice(("", "", "", "/-", "/-1", "/99", "/~2", "/"))

    def direct(self, body: Any) -> None:
        """Put a directive of strategic merge patches somewhere."""
        random = self.random
        maps = [there[key] for there, key in places(body) if isinstance(there[key], dict)]
        if maps and random.randrange(2):
            key = random.choice(
                (
                    "$patch",
                    "$retainKeys",
                    "$setElementOrder/containers",
                    "$deleteFromPrimitiveList/x",
                    "$setElementOrder/ports",
                    "$deleteFromPrimitiveList/finalizers",
                )
            )
            random.choice(maps)[key] = random.choice(
                ("delete", "replace", "merge", ["name"], [{"name": "a"}], junk(random))
            )

    def subresource(self, info: Any, options: WriteOptions) -> None:
        """Create at a subresource, as binding and eviction want it."""
        random = self.random
        name = self.name(info)
        part = random.choice([name for name in info.subresources if name in PARTS] or list(PARTS))
        body: Any = {**PARTS[part], "metadata": {"name": name, "namespace": self.namespace}}
        if random.randrange(3):
            body = broken(random, body, [*self.others, body])
        verb = "update" if part == "scale" or random.randrange(9) == 0 else "create"
        self.send(verb, info, name=name, subresource=part, body=freeze(body), write_options=options)

    def rarely(self, odd: Any, usual: Any) -> Any:
        """One of the odd values, or most often the usual one."""
        return usual if self.random.randrange(3) else self.random.choice(odd)

    def delete(self, info: Any) -> None:
        """Delete one or all, with whatever options."""
        random = self.random
        options = DeleteOptions(
            grace_period_s=self.rarely((*NUMBERS, 5), None),
            propagation_policy=self.rarely(("Orphan", "Foreground", *TEXTS), None),
            uid=self.rarely(("u", ""), None),
            resource_version=self.rarely(("1", "x", ""), None),
            dry_run=random.randrange(4) == 0,
        )
        if random.randrange(8) == 0:
            self.send(
                "deletecollection", info, delete_options=options, list_options=self.selectors()
            )
        else:
            self.send("delete", info, name=self.name(info), delete_options=options)

    def selectors(self) -> ListOptions:
        """What a list may be asked for, in broken texts."""
        random = self.random
        return ListOptions(
            label_selector=self.rarely((selector_text(random),), ""),
            field_selector=self.rarely((selector_text(random),), ""),
            resource_version=self.rarely(("0", "1", "99999", *TEXTS), ""),
            resource_version_match=self.rarely(("Exact", "NotOlderThan", "x"), ""),
            limit=random.choice((0, 0, 1, -1, 2**63)),
            continue_token=self.rarely(TEXTS, ""),
            send_initial_events=random.randrange(4) == 0,
            allow_watch_bookmarks=random.randrange(2) == 0,
        )

    def look(self, info: Any) -> None:
        """List and watch by broken selectors."""
        self.send("list", info, list_options=self.selectors())
        response = self.send("watch", info, list_options=self.selectors())
        for _ in range(5):
            if response is not None:
                try:
                    response.stream.next()
                except ApiError:
                    return

    def read_back(self, info: Any) -> None:
        """Every stored object of a kind can be got, listed, watched and shown."""
        if "list" not in info.verbs:
            return
        response = self.send("list", info)
        assert response is not None, f"{info.resource} cannot be listed"
        objects = response.body["items"]
        assert isinstance(objects, FrozenList)
        now_ns = self.clock.now_ns()
        for obj in objects:
            assert isinstance(obj, FrozenMap)
            assert self.stored(info, obj["metadata"]["name"]) is not None
            assert describe(obj, list(objects), now_ns)
        if objects:
            shown = table_of(objects, now_ns)
            assert shown.to_dict()
            assert shown.to_text(wide=True, with_namespace=True)
        if "watch" not in info.verbs:
            return
        stream = self.send("watch", info).stream
        while stream.next() is not None:
            pass


WORDS_OF_SELECTORS = (
    "a",
    "app",
    "in",
    "notin",
    "exists",
    "(",
    ")",
    ",",
    "=",
    "==",
    "!=",
    "!",
    "<",
    ">",
    " ",
    "x/y",
    "metadata.name",
    "spec.nodeName",
    "status.phase",
    "\\",
    "\x00",
    "é",
    "1",
    "-1",
    "9" * 30,
    "/",
)


def selector_text(random: Random) -> str:
    """Words of selectors in any order."""
    count = random.randrange(1, 9)
    return "".join(random.choice(WORDS_OF_SELECTORS) for _ in range(count))
