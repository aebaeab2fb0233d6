"""Objects to create: manifests of the benchmark, filled in once if they never change."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from kcore.errors import ManifestError
from kcore.machinery.frozen import FrozenMap, freeze, loads
from kcore.machinery.yaml_dialect import YamlError, yaml_to_json
from kcore.scheduler_perf.patterns import MARK, Pattern, pattern_of
from kcore.scheduler_perf.templates import Template

_DEFAULT_NODE: Final = freeze(
    {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"generateName": "scheduler-perf-"},
        "status": {
            "capacity": {"pods": "110", "cpu": "4", "memory": "32Gi"},
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }
)


class Manifest:
    """One manifest; `object(index)` is the same value each time when nothing is filled in."""

    __slots__ = ("_fixed", "_patterns", "_source", "_template", "_values")

    def __init__(self, path: Path, values: Mapping[str, Any]) -> None:
        """Read the file.

        Raises:
            ManifestError: it cannot be read, or is no object.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ManifestError(f"cannot be read: {error}", source=str(path)) from error
        self._source = str(path)
        self._values = dict(values)
        self._template = Template(text, self._source)
        self._fixed = self._parsed(text) if self._template.is_plain else None
        # By the number of objects, which a template may name too.
        self._patterns: dict[int, Pattern | None] = {}

    def object(self, index: int, count: int = 1) -> FrozenMap:
        """The object number `index` of `count`."""
        if self._fixed is not None:
            return self._fixed
        if count not in self._patterns:
            self._patterns[count] = self._pattern(count)
        pattern = self._patterns[count]
        if pattern is not None:
            return pattern.object(index)
        return self._parsed(self._rendered(index, count))

    def _pattern(self, count: int) -> Pattern | None:
        if not self._template.counts_by("Index"):
            return None
        text = self._rendered(MARK, count)
        try:
            return pattern_of(self._parsed(text))
        except ManifestError:
            return None  # What is wrong is told of a number, not of a mark.

    def _rendered(self, index: int | str, count: int) -> str:
        return self._template.render({**self._values, "Index": index, "Count": count})

    def _parsed(self, text: str) -> FrozenMap:
        try:
            value = loads(yaml_to_json(text))
        except YamlError as error:
            raise ManifestError(str(error), source=self._source) from None
        if not isinstance(value, FrozenMap) or not value.get("kind"):
            raise ManifestError("must be one object with a kind", source=self._source)
        return value


def default_node() -> FrozenMap:
    """The node that upstream's harness creates when no template is given."""
    node: FrozenMap = _DEFAULT_NODE
    return node
