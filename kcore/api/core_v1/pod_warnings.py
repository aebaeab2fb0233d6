"""What is worth a warning about a pod, in upstream's words and order: old fields, lost values.

A warning refuses nothing. Pods and pod templates share these; templates prefix the paths.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from kcore.machinery.field_errors import child, index, key
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.go_text import quote
from kcore.machinery.identity_memo import once_per_object_and_aspect
from kcore.machinery.meta import metadata_of
from kcore.machinery.quantity import quantity_of

OLD_LABELS: Final[Mapping[str, str]] = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": (
        'deprecated since v1.17; use "topology.kubernetes.io/region" instead'
    ),
    "failure-domain.beta.kubernetes.io/zone": (
        'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'
    ),
    "beta.kubernetes.io/instance-type": (
        'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'
    ),
    "app.kubernetes.io/created-by": "deprecated since v1.9",
    "scheduler.alpha.kubernetes.io/preferAvoidPods": (
        "deprecated since v1.22; use Taints and Tolerations instead"
    ),
    "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
}
"""What is said of labels of nodes that should no longer be used."""
_SECCOMP: Final = 'non-functional in v1.27+; use the "seccompProfile" field instead'
_OLD_ANNOTATIONS: Final[Mapping[str, str]] = {
    "scheduler.alpha.kubernetes.io/critical-pod": (
        'non-functional in v1.16+; use the "priorityClassName" field instead'
    ),
    "seccomp.security.alpha.kubernetes.io/pod": _SECCOMP,
    "security.alpha.kubernetes.io/sysctls": (
        'non-functional in v1.11+; use the "sysctls" field instead'
    ),
    "security.alpha.kubernetes.io/unsafe-sysctls": (
        'non-functional in v1.11+; use the "sysctls" field instead'
    ),
}
_OLD_ANNOTATION_PREFIXES: Final[Mapping[str, str]] = {
    "container.seccomp.security.alpha.kubernetes.io/": _SECCOMP,
    "container.apparmor.security.beta.kubernetes.io/": (
        'deprecated since v1.30; use the "appArmorProfile" field instead'
    ),
}
_OLD_VOLUMES: Final[Mapping[str, str]] = {
    "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
    "gitRepo": "deprecated in v1.11, and disabled by default in v1.33+",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "storageos": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+",
    "rbd": "deprecated in v1.28, non-functional in v1.31+",
}
_WHOLE: Final = ("memory", "ephemeral-storage")
_ENDURING: Final = "requiredDuringSchedulingIgnoredDuringExecution"
_WISHED: Final = "preferredDuringSchedulingIgnoredDuringExecution"
NULL_SELECTOR: Final = "a null labelSelector results in matching no pod"


def pod_warnings(pod: FrozenMap) -> list[str]:
    """The warnings about a new pod. O(size)."""
    return template_warnings(pod, "")


def template_warnings(template: FrozenMap | None, path: str) -> list[str]:
    """The warnings about a pod template at `path` (empty: a pod). O(size)."""
    if template is None:
        return []
    first, rest = _of_spec(template.get("spec") or EMPTY_MAP, child(path, "spec"))
    annotations = _annotations(metadata_of(template), child(path, "metadata", "annotations"))
    return [*first, *annotations, *rest]


# Pods made from one template share their specs.
@once_per_object_and_aspect()
def _of_spec(spec: FrozenMap, at: str) -> tuple[list[str], list[str]]:
    """The warnings about a spec: what comes before those about annotations, and the rest."""
    rest = [
        *_volumes(spec, at),
        *_repeated(spec, at),
        *_amounts(spec.get("overhead"), child(at, "overhead")),
        *_of_containers(spec, at),
        *_grace_period(spec, at),
        *_ports(spec, at),
        *_port_names(spec, at),
        *_null_selectors(spec, at),
    ]
    return list(_node_labels(spec, at)), rest


def _node_labels(spec: FrozenMap, at: str) -> Iterator[str]:
    for label in spec.get("nodeSelector") or EMPTY_MAP:
        if label in OLD_LABELS:
            yield f"{key(child(at, 'nodeSelector'), label)}: {OLD_LABELS[label]}"
    affinity = spec.at("affinity", "nodeAffinity", default=EMPTY_MAP)
    path = child(at, "affinity", "nodeAffinity")
    required = affinity.at(_ENDURING, "nodeSelectorTerms", default=EMPTY_LIST)
    for position, term in enumerate(required):
        yield from _old_term(term, index(child(path, _ENDURING, "nodeSelectorTerms"), position))
    for position, wish in enumerate(affinity.get(_WISHED) or EMPTY_LIST):
        yield from _old_term(
            wish.get("preference") or EMPTY_MAP,
            child(index(child(path, _WISHED), position), "preference"),
        )
    for position, constraint in enumerate(spec.get("topologySpreadConstraints") or EMPTY_LIST):
        here = index(child(at, "topologySpreadConstraints"), position)
        label = constraint.get("topologyKey") or ""
        if label in OLD_LABELS:
            yield f"{child(here, 'topologyKey')}: {label} is {OLD_LABELS[label]}"
        if constraint.get("labelSelector") is None:
            yield f"{child(here, 'labelSelector')}: {NULL_SELECTOR}"


def _old_term(term: FrozenMap, path: str) -> Iterator[str]:
    for position, expression in enumerate(term.get("matchExpressions") or EMPTY_LIST):
        label = expression.get("key") or ""
        if label in OLD_LABELS:
            here = child(index(child(path, "matchExpressions"), position), "key")
            yield f"{here}: {label} is {OLD_LABELS[label]}"


def _annotations(metadata: FrozenMap, path: str) -> Iterator[str]:
    for name in metadata.get("annotations") or EMPTY_MAP:
        why = _OLD_ANNOTATIONS.get(name)
        if why is None:
            found = (
                text for start, text in _OLD_ANNOTATION_PREFIXES.items() if name.startswith(start)
            )
            why = next(found, None)
        if why is not None:
            yield f"{key(path, name)}: {why}"


def _volumes(spec: FrozenMap, at: str) -> Iterator[str]:
    for position, volume in enumerate(spec.get("volumes") or EMPTY_LIST):
        for source, why in _OLD_VOLUMES.items():
            if volume.get(source) is not None:
                yield f"{child(index(child(at, 'volumes'), position), source)}: {why}"


def _repeated(spec: FrozenMap, at: str) -> Iterator[str]:
    yield from _repeats(spec.get("hostAliases"), child(at, "hostAliases"), "ip", "ip")
    path = child(at, "imagePullSecrets")
    yield from _repeats(spec.get("imagePullSecrets"), path, "name", "name")
    for position, secret in enumerate(spec.get("imagePullSecrets") or EMPTY_LIST):
        if not secret.get("name"):
            yield f'{child(index(path, position), "name")}: invalid empty name ""'


def _repeats(items: Any, path: str, field: str, noun: str) -> Iterator[str]:
    seen: set[str] = set()
    for position, item in enumerate(items or EMPTY_LIST):
        value = item.get(field) or ""
        if value in seen:
            yield f"{child(index(path, position), field)}: duplicate {noun} {quote(value)}"
        seen.add(value)


def _amounts(resources: FrozenMap | None, path: str) -> Iterator[str]:
    """Fractions of bytes."""
    for name in _WHOLE:
        text = (resources or EMPTY_MAP).get(name)
        if text is not None and quantity_of(text).milli_value() % 1000:
            yield fractional(key(path, name), text)


def fractional(path: str, text: str) -> str:
    """The warning about a number of bytes that is no whole number."""
    return f"{path}: fractional byte value {quote(str(text))} is invalid, must be an integer"


def _containers(spec: FrozenMap, at: str) -> Iterator[tuple[str, str, FrozenMap]]:
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for position, container in enumerate(spec.get(field) or EMPTY_LIST):
            yield field, index(child(at, field), position), container


def _of_containers(spec: FrozenMap, at: str) -> Iterator[str]:
    for _field, path, container in _containers(spec, at):
        yield from _hidden_variables(container.get("env"), child(path, "env"))
        for which in ("limits", "requests"):
            amounts = container.at("resources", which)
            yield from _amounts(amounts, child(path, "resources", which))


def _hidden_variables(variables: Any, path: str) -> Iterator[str]:
    seen: set[str] = set()
    for position, variable in enumerate(variables or EMPTY_LIST):
        name = variable.get("name") or ""
        # A later definition may build on the earlier one.
        if name in seen and f"$({name})" not in (variable.get("value") or ""):
            what = f"hides previous definition of {quote(name)}"
            yield f"{index(path, position)}: {what}, which may be dropped when using apply"
        seen.add(name)


def _grace_period(spec: FrozenMap, at: str) -> Iterator[str]:
    seconds = spec.get("terminationGracePeriodSeconds")
    if seconds is not None and seconds < 0:
        yield (
            f"{child(at, 'terminationGracePeriodSeconds')}: must be >= 0; "
            "negative values are invalid and will be treated as 1"
        )


def _ports(spec: FrozenMap, at: str) -> Iterator[str]:
    known: dict[tuple[Any, Any], list[tuple[str, FrozenMap]]] = {}
    for _field, path, container in _containers(spec, at):
        for position, port in enumerate(container.get("ports") or EMPTY_LIST):
            here = index(child(path, "ports"), position)
            if port.get("hostIP") and not port.get("hostPort"):
                yield f"{here}: hostIP set without hostPort: {_go_port(port)}"
            others = known.setdefault((port.get("containerPort"), port.get("protocol")), [])
            yield from _clashes(here, port, others)
            others.append((here, port))


def _clashes(here: str, port: FrozenMap, others: Iterable[tuple[str, FrozenMap]]) -> Iterator[str]:
    address, number = port.get("hostIP") or "", port.get("hostPort") or 0
    for place, other in others:
        theirs, their_number = other.get("hostIP") or "", other.get("hostPort") or 0
        if address == theirs and number == their_number:
            yield f"{here}: duplicate port definition with {place}"
        elif not number or not their_number:
            yield f"{here}: overlapping port definition with {place}"
        elif number == their_number and bool(address) != bool(theirs):
            yield f"{here}: dangerously ambiguous port definition with {place}"


def _go_port(port: FrozenMap) -> str:
    fields = (
        ("Name", "name", ""),
        ("HostPort", "hostPort", 0),
        ("ContainerPort", "containerPort", 0),
        ("Protocol", "protocol", ""),
        ("HostIP", "hostIP", ""),
    )
    return f"{{{' '.join(f'{name}:{port.get(field) or zero}' for name, field, zero in fields)}}}"


def _port_names(spec: FrozenMap, at: str) -> Iterator[str]:
    known: dict[str, str] = {}
    for field, path, container in _containers(spec, at):
        if field == "ephemeralContainers":
            continue
        if field == "initContainers" and container.get("restartPolicy") != "Always":
            continue
        for position, port in enumerate(container.get("ports") or EMPTY_LIST):
            name, here = port.get("name") or "", index(child(path, "ports"), position)
            if not name:
                continue
            first = known.setdefault(name, here)
            if first != here:
                yield (
                    f"{here}: duplicate port name {quote(name)} with {first}, services and probes "
                    f"that select ports by name will use {first}"
                )


def _null_selectors(spec: FrozenMap, at: str) -> Iterator[str]:
    for kind in ("podAffinity", "podAntiAffinity"):
        affinity = spec.at("affinity", kind, default=EMPTY_MAP)
        path = child(at, "affinity", kind)
        for position, term in enumerate(affinity.get(_ENDURING) or EMPTY_LIST):
            if term.get("labelSelector") is None:
                here = index(child(path, _ENDURING), position)
                yield f"{child(here, 'labelSelector')}: {NULL_SELECTOR}"
        for position, wish in enumerate(affinity.get(_WISHED) or EMPTY_LIST):
            if wish.at("podAffinityTerm", "labelSelector") is None:
                here = child(index(child(path, _WISHED), position), "podAffinityTerm")
                yield f"{child(here, 'labelSelector')}: {NULL_SELECTOR}"
