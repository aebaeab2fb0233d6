"""The first line of a saved cluster: what it must say, checked before anything is built from it."""

from dataclasses import fields
from typing import Any, Final

from kcore.config import ClusterConfig, NodeSpec
from kcore.errors import ManifestError
from kcore.kubelet.node_shapes import NodeShape
from kcore.machinery.formats import dns1123_subdomain
from kcore.machinery.frozen import FrozenList, FrozenMap, JSONError, loads, thaw
from kcore.machinery.quantity import parse_value

FORMAT: Final = "kcore-cluster"
FORMAT_VERSION: Final = 1

_INSTANT_NS_MAX: Final = 2**62  # The year 2116: any later one is damage, and int64 is near.
_QUANTITIES: Final = ("cpu", "memory", "ephemeral_storage")


class SavedHeader:
    """Typed reads of the header; every complaint names the file, line 1 and the field."""

    __slots__ = ("_fields", "_source")

    def __init__(self, line: bytes, source: str) -> None:
        self._source = source
        self._fields: FrozenMap = self._parsed(line)

    def _parsed(self, line: bytes) -> FrozenMap:
        try:
            header = loads(line)
        except (JSONError, ValueError) as error:
            raise self._error(f"not a saved cluster: {error}") from None
        if not isinstance(header, FrozenMap) or header.get("format") != FORMAT:
            raise self._error("not a saved cluster")
        if header.get("version") != FORMAT_VERSION:
            rule = f"saved by format version {header.get('version')}, this is {FORMAT_VERSION}"
            raise self._error(rule)
        return header

    def config(self) -> ClusterConfig:
        """How the saved cluster was described, with the nodes it had at the end.

        Raises:
            ManifestError: a field is missing or cannot be.
        """
        nodes = tuple(self._node(row, f"nodes[{i}]") for i, row in enumerate(self.rows))
        start_ns = self._instant("startNs")
        try:
            return ClusterConfig(nodes, self._get(self._fields, "seed", int), start_ns)
        except ValueError as error:
            raise self._error(str(error)) from None

    @property
    def now_ns(self) -> int:
        """Virtual time when the cluster was saved."""
        now_ns = self._instant("nowNs")
        if now_ns < self._instant("startNs"):
            raise self._error("lies before startNs", "nowNs")
        return now_ns

    @property
    def stopped(self) -> tuple[str, ...]:
        """Nodes whose kubelet does not run."""
        return tuple(
            row["name"]
            for i, row in enumerate(self.rows)
            if not self._get(row, "running", bool, f"nodes[{i}].")
        )

    @property
    def rows(self) -> FrozenList:
        """The nodes as they are written."""
        rows: FrozenList = self._get(self._fields, "nodes", FrozenList)
        for position, row in enumerate(rows):
            if not isinstance(row, FrozenMap):
                raise self._error("must be an object", f"nodes[{position}]")
        return rows

    def _node(self, row: FrozenMap, path: str) -> NodeSpec:
        name = self._get(row, "name", str, f"{path}.")
        if dns1123_subdomain(name):
            raise self._error(f"{name!r} is no name of a node", f"{path}.name")
        labels = self._texts(self._get(row, "labels", FrozenMap, f"{path}."), f"{path}.labels")
        taints = [
            self._texts(taint, f"{path}.taints[{i}]")
            for i, taint in enumerate(self._get(row, "taints", FrozenList, f"{path}."))
        ]
        shape = self._shape(self._get(row, "shape", FrozenMap, f"{path}."), f"{path}.shape")
        return NodeSpec(name, shape, self._get(row, "zone", str, f"{path}."), labels, taints)

    def _shape(self, row: FrozenMap, path: str) -> NodeShape:
        known = [field.name for field in fields(NodeShape)]
        for name in row:
            if name not in known:
                raise self._error("unknown field", f"{path}.{name}")
        for name in known:
            kind = {"pods_count": int, "extended": FrozenMap}.get(name, str)
            self._get(row, name, kind, f"{path}.")
        amounts = {name: row[name] for name in _QUANTITIES}
        amounts |= self._texts(row["extended"], f"{path}.extended")
        for name, amount in amounts.items():
            try:
                parse_value(amount)
            except ValueError as error:
                raise self._error(str(error), f"{path}.{name}") from None
        return NodeShape(**thaw(row))

    def _texts(self, value: Any, path: str) -> dict[str, str]:
        if not isinstance(value, FrozenMap) or not all(isinstance(v, str) for v in value.values()):
            raise self._error("must be an object of strings", path)
        return dict(value)

    def _instant(self, name: str) -> int:
        instant_ns: int = self._get(self._fields, name, int)
        if not 0 <= instant_ns <= _INSTANT_NS_MAX:
            raise self._error(f"{instant_ns} is no time between 1970 and 2116", name)
        return instant_ns

    def _get(self, row: FrozenMap, name: str, kind: type, path: str = "") -> Any:
        value = row.get(name)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self._error("missing, or of the wrong type", f"{path}{name}")
        return value

    def _error(self, rule: str, field: str = "") -> ManifestError:
        return ManifestError(rule, source=self._source, line=1, field=field)
