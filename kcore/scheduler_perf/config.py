"""`performance-config.yaml`: test cases, their operations and workloads, as upstream writes them.

Everything is checked when it is read: an unknown operation or field, a parameter that the workload
does not define, a count that is none. Nothing is skipped silently.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kcore.errors import ManifestError
from kcore.machinery.frozen import loads, thaw
from kcore.machinery.yaml_dialect import YamlError, yaml_to_json


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_COUNTED: Final = _words("count countParam")
_FILLED_IN: Final = _words("templatePath templateParams")

OPCODES: Final[Mapping[str, frozenset[str]]] = {
    "createNodes": _COUNTED
    | _words(
        "nodeTemplatePath templateParams labelNodePrepareStrategy uniqueNodeLabelStrategy "
        "nodeAllocatableStrategy"
    ),
    "createNamespaces": _COUNTED | _words("prefix namespaceTemplatePath"),
    "createPods": _COUNTED
    | _words(
        "countMultiplierParam namespace podTemplatePath templateParams collectMetrics "
        "skipWaitToCompletion persistentVolumeTemplatePath persistentVolumeClaimTemplatePath "
        "signatureBatchSizeParam steadyState steadyStateParam duration durationParam"
    ),
    "createPodSets": _COUNTED | _words("namespacePrefix createPodsOp"),
    "createPodGroups": _COUNTED | _FILLED_IN | _words("namespace"),
    "createAny": _COUNTED | _FILLED_IN | _words("namespace"),
    "createResourceClaims": _COUNTED | _words("namespace templatePath"),
    "allocResourceClaims": _words("namespace"),
    "updateAny": _COUNTED | _FILLED_IN | _words("namespace updatePerSecond subresources"),
    "deletePods": _words("namespace labelSelector deletePodsPerSecond skipWaitToCompletion"),
    "churn": _words("mode templatePaths intervalMilliseconds number namespace"),
    "barrier": _words("namespaces stageRequirement labelSelector"),
    "sleep": _words("duration durationParam"),
    "startCollectingMetrics": _words("name namespaces labelSelector"),
    "stopCollectingMetrics": frozenset(),
    "startCollectingProfile": _words("name"),
    "stopCollectingProfile": _words("name"),
}
"""Operations of the pinned version and the fields they have."""

_CASE_FIELDS: Final = _words(
    "name labels featureGates metricsCollectorConfig workloadTemplate workloads "
    "schedulerConfigPath defaultPodTemplatePath defaultThresholdMetricSelector"
)
_WORKLOAD_FIELDS: Final = _words(
    "name labels params threshold thresholdMetricSelector featureGates"
)


@dataclass(frozen=True, slots=True)
class UndefinedParameter:
    """`$name` where the workload has no such parameter: an error if somebody needs it."""

    name: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a workload; `fields` are as written, but with parameters filled in."""

    opcode: str
    index: int
    fields: Mapping[str, Any]

    def text(self, name: str, default: str = "") -> str:
        """A text field."""
        value = self.fields.get(name)
        return default if value is None else str(value)

    def flag(self, name: str) -> bool:
        """A boolean field, false when absent."""
        return bool(self.fields.get(name))

    def number(self, name: str, default: int = 0) -> int:
        """A whole number.

        Raises:
            ManifestError: it is none, or stands for a parameter that the workload does not define.
        """
        value = self.fields.get(name)
        if value is None:
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            rule = f"must be a whole number, not {value!r}"
            raise ManifestError(rule, subject=self.opcode, field=name) from None

    def count(self) -> int:
        """How many objects the operation is about; one if it does not say."""
        return self.number("count", 1) * self.number("multiplier", 1)


@dataclass(frozen=True, slots=True)
class Workload:
    """One test case with one set of parameters."""

    case: str
    name: str
    folder: Path
    operations: tuple[Operation, ...]
    labels: tuple[str, ...]
    threshold: float | None
    feature_gates: Mapping[str, bool]
    pod_template: str = ""
    scheduler_config: str = ""

    @property
    def full_name(self) -> str:
        """`SchedulingBasic/5000Nodes_10000Pods`."""
        return f"{self.case}/{self.name}"

    @property
    def suite(self) -> str:
        """The folder of the file: `misc`, `affinity`."""
        return self.folder.name


@dataclass(frozen=True, slots=True)
class LabelFilter:
    """`performance,-short`: labels a workload must have, and with `-` must not have."""

    wanted: frozenset[str] = frozenset()
    unwanted: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "LabelFilter":
        """Read a comma-separated list; `+` before a label means nothing."""
        words = [word.strip() for word in text.split(",") if word.strip()]
        return cls(
            frozenset(word.lstrip("+") for word in words if not word.startswith("-")),
            frozenset(word[1:] for word in words if word.startswith("-")),
        )

    def accepts(self, workload: Workload) -> bool:
        """Whether the workload has all wanted labels and no unwanted one."""
        labels = set(workload.labels)
        return self.wanted <= labels and not self.unwanted & labels


def read_config(path: Path) -> list[Workload]:
    """Every workload of a file, in order.

    Raises:
        ManifestError: the file cannot be read or says something this reader does not know; the
            message names file, test case, operation and field.
    """
    cases = _load(path)
    if not isinstance(cases, list):
        raise ManifestError("must be a list of test cases", source=str(path))
    return [workload for case in cases for workload in _Case(path, case).workloads()]


def _load(path: Path) -> Any:
    try:
        return thaw(loads(yaml_to_json(path.read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError, YamlError) as error:
        raise ManifestError(f"cannot be read: {error}", source=str(path)) from error


@dataclass(frozen=True, slots=True)
class _Case:
    path: Path
    case: Any

    def __post_init__(self) -> None:
        if not isinstance(self.case, Mapping) or not self.case.get("name"):
            raise ManifestError("a test case must be a mapping with a name", source=str(self.path))
        self._check(self.case, _CASE_FIELDS, "")

    @property
    def where(self) -> str:
        """The case's name."""
        return str(self.case["name"])

    def workloads(self) -> list[Workload]:
        """The case's workloads."""
        return [self._workload(one) for one in self._list(self.case, "workloads")]

    def _workload(self, workload: Mapping[str, Any]) -> Workload:
        self._check(workload, _WORKLOAD_FIELDS, "workloads")
        params = workload.get("params") or {}
        gates = {**(self.case.get("featureGates") or {}), **(workload.get("featureGates") or {})}
        name = str(workload.get("name") or "")
        operations = [
            self._operation(index, operation, params, name)
            for index, operation in enumerate(self._list(self.case, "workloadTemplate"))
        ]
        labels = (*(self.case.get("labels") or ()), *(workload.get("labels") or ()))
        return Workload(
            case=self.where,
            name=name,
            folder=self.path.parent,
            operations=tuple(operations),
            labels=tuple(map(str, labels)),
            threshold=self._threshold(workload.get("threshold")),
            feature_gates={str(gate): bool(on) for gate, on in gates.items()},
            pod_template=str(self.case.get("defaultPodTemplatePath") or ""),
            scheduler_config=str(self.case.get("schedulerConfigPath") or ""),
        )

    def _threshold(self, value: Any) -> float | None:
        """A number, or one for each suite: then the first, for the file's own suite."""
        if isinstance(value, Mapping):
            value = value.get(self.path.parent.name, next(iter(value.values()), None))
        return None if value is None else float(value)

    def _operation(
        self, index: int, operation: Mapping[str, Any], params: Mapping[str, Any], workload: str
    ) -> Operation:
        opcode = str(operation.get("opcode") or "")
        where = f"{workload}: workloadTemplate[{index}]"
        known = OPCODES.get(opcode)
        if known is None:
            raise self._error(where, f"unknown opcode {opcode!r}: known are {', '.join(OPCODES)}")
        self._check(operation, known | {"opcode"}, where)
        fields = _filled(operation, params)
        if opcode == "createPodSets":
            inner = fields.get("createPodsOp")
            if not isinstance(inner, Mapping):
                raise self._error(f"{where}.createPodsOp", "is required")
            fields["createPodsOp"] = self._operation(index, inner, params, workload)
        return Operation(opcode, index, fields)

    def _list(self, owner: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
        items = owner.get(name)
        if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
            raise self._error(name, "must be a list of mappings")
        return items

    def _check(self, owner: Mapping[str, Any], known: frozenset[str], where: str) -> None:
        for name in owner:
            if name not in known:
                raise self._error(where, f"unknown field {name!r}")

    def _error(self, where: str, rule: str) -> ManifestError:
        return ManifestError(rule, source=str(self.path), subject=self.where, field=where)


def _filled(operation: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The fields without `opcode`; `xParam: $name` becomes `x`, `$name|default` is looked up."""
    fields: dict[str, Any] = {}
    for name, value in operation.items():
        if name == "opcode":
            continue
        if name == "countMultiplierParam":
            fields["multiplier"] = _param(value, params)
        elif name.endswith("Param"):
            fields[name.removesuffix("Param")] = _param(value, params)
        elif name == "templateParams":
            fields[name] = {key: _param(one, params) for key, one in value.items()}
        else:
            fields[name] = value
    return fields


def _param(value: Any, params: Mapping[str, Any]) -> Any:
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    name, bar, default = value[1:].partition("|")
    if name in params:
        return params[name]
    return default if bar else UndefinedParameter(name)
