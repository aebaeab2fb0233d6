"""Which fields a selector may name, beyond `metadata.name` and `metadata.namespace`, per kind."""

from collections.abc import Mapping
from typing import Final

from kcore.api.catalog import default_scheme
from kcore.api.kind_rules import FieldLabel
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.go_text import quote


class Text:
    """Reads the text at a path; absent is the empty text."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = tuple(path.split("."))

    def __call__(self, obj: FrozenMap) -> str:
        """The text in `obj`."""
        value = obj.at(*self._path, default="")
        return value if isinstance(value, str) else _text(value)


class Flag:
    """Reads the boolean at a path as `true` or `false`; absent is `false`."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = tuple(path.split("."))

    def __call__(self, obj: FrozenMap) -> str:
        """`true` or `false`."""
        return "true" if obj.at(*self._path, default=False) else "false"


class Number:
    """Reads the number at a path; absent is `0`."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = tuple(path.split("."))

    def __call__(self, obj: FrozenMap) -> str:
        """The number's digits."""
        return str(obj.at(*self._path, default=0))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _pod_ip(pod: FrozenMap) -> str:
    addresses = pod.at("status", "podIPs", default=EMPTY_LIST)
    first = addresses[0].get("ip") if addresses else None
    return first or pod.at("status", "podIP", default="")  # type: ignore[no-any-return]


def unset(_obj: FrozenMap) -> str:
    """A field that may be named, but that no object fills for selectors."""
    return ""


def _namespace_phase(namespace: FrozenMap) -> str:
    return namespace.at("status", "phase", default="")  # type: ignore[no-any-return]


def _event_source(event: FrozenMap) -> str:
    for path in (("source", "component"), ("deprecatedSource", "component")):
        if event.at(*path):
            return event.at(*path)  # type: ignore[no-any-return]
    return _event_controller(event)


def _event_controller(event: FrozenMap) -> str:
    return event.get("reportingComponent") or event.get("reportingController") or ""


class _Involved:
    """Reads a field of the object an event is about, under either version's name."""

    __slots__ = ("_field",)

    def __init__(self, field: str) -> None:
        self._field = field

    def __call__(self, event: FrozenMap) -> str:
        about = event.get("involvedObject") or event.get("regarding")
        return "" if about is None else about.get(self._field) or ""


_REFERENCE_FIELDS: Final = (
    "kind",
    "namespace",
    "name",
    "uid",
    "apiVersion",
    "resourceVersion",
    "fieldPath",
)
_EVENT: Final[Mapping[str, FieldLabel]] = {
    **{f"involvedObject.{field}": _Involved(field) for field in _REFERENCE_FIELDS},
    "reason": Text("reason"),
    "reportingComponent": _event_controller,
    "source": _event_source,
    "type": Text("type"),
}
_NEW_EVENT: Final[Mapping[str, FieldLabel]] = {
    **{f"regarding.{field}": _Involved(field) for field in _REFERENCE_FIELDS},
    "reason": Text("reason"),
    "reportingController": _event_controller,
    "type": Text("type"),
}
_REPLICAS: Final[Mapping[str, FieldLabel]] = {"status.replicas": Number("status.replicas")}

# Fields that the API knows by another name, too.
ALIASES: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("", "Pod"): {"spec.host": "spec.nodeName"},
    ("events.k8s.io", "Event"): {
        **{f"regarding.{field}": f"involvedObject.{field}" for field in _REFERENCE_FIELDS},
        "reportingController": "reportingComponent",
    },
}

FIELD_LABELS: Final[Mapping[tuple[str, str], Mapping[str, FieldLabel]]] = {
    ("", "Event"): _EVENT,
    ("events.k8s.io", "Event"): _NEW_EVENT,
    ("", "Namespace"): {"status.phase": _namespace_phase},
    ("", "Node"): {"spec.unschedulable": Flag("spec.unschedulable")},
    ("", "Pod"): {
        "spec.hostNetwork": Flag("spec.hostNetwork"),
        "spec.host": Text("spec.nodeName"),
        "spec.nodeName": Text("spec.nodeName"),
        "spec.restartPolicy": Text("spec.restartPolicy"),
        "spec.schedulerName": Text("spec.schedulerName"),
        "spec.serviceAccountName": Text("spec.serviceAccountName"),
        "status.nominatedNodeName": Text("status.nominatedNodeName"),
        "status.phase": Text("status.phase"),
        "status.podIP": _pod_ip,
        "status.podIPs": unset,
    },
    ("", "ReplicationController"): _REPLICAS,
    ("", "Secret"): {"type": Text("type")},
    ("", "Service"): {"spec.clusterIP": Text("spec.clusterIP"), "spec.type": Text("spec.type")},
    ("batch", "Job"): {"status.successful": Number("status.succeeded")},
    ("certificates.k8s.io", "CertificateSigningRequest"): {
        "spec.signerName": Text("spec.signerName")
    },
    ("certificates.k8s.io", "ClusterTrustBundle"): {"spec.signerName": unset},
    ("certificates.k8s.io", "PodCertificateRequest"): {
        "spec.nodeName": Text("spec.nodeName"),
        "spec.podName": Text("spec.podName"),
        "spec.signerName": Text("spec.signerName"),
    },
    ("resource.k8s.io", "ResourceSlice"): {
        "spec.driver": Text("spec.driver"),
        "spec.nodeName": Text("spec.nodeName"),
        "spec.pool.name": Text("spec.pool.name"),
    },
}

# Kinds whose own list of labels leaves out the namespace.
_WITHOUT_NAMESPACE: Final = frozenset(
    {
        ("", "Namespace"),
        ("", "Node"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
        ("certificates.k8s.io", "ClusterTrustBundle"),
        ("certificates.k8s.io", "PodCertificateRequest"),
        ("resource.k8s.io", "ResourceSlice"),
    }
)
_METADATA: Final = ("metadata.name", "metadata.namespace")


# Field sets that upstream fills with more than selectors may name.
_WITH_BARE_NAME: Final = frozenset(
    {("", "Namespace"), ("", "PersistentVolume"), ("", "PersistentVolumeClaim")}
)
_WITH_EMPTY_NAMESPACE: Final = frozenset(
    {
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("apiregistration.k8s.io", "APIService"),
    }
)
_ONLY_SETS: Final[Mapping[tuple[str, str], Mapping[str, FieldLabel]]] = {
    ("apps", "ReplicaSet"): _REPLICAS,
}


def field_set(obj: FrozenMap) -> dict[str, str]:
    """Every field of an object that its store indexes for selectors, by the internal names.

    It is wider than what a selector may name: see `refusal`.
    """
    group, kind = obj["apiVersion"].rpartition("/")[0], obj["kind"]
    if kind == "Event":
        group = ""  # Both kinds of events are one inside.
    key = (group, kind)
    metadata = obj.get("metadata") or EMPTY_MAP
    name, info = metadata.get("name") or "", default_scheme().by_group_kind(group, kind)
    found = {"metadata.name": name}
    if key in _WITH_BARE_NAME:
        found["name"] = name
    if key in _WITH_EMPTY_NAMESPACE or info is None or info.namespaced:
        found["metadata.namespace"] = metadata.get("namespace") or ""
    aliases = ALIASES.get(key, {})
    readers = {**FIELD_LABELS.get(key, {}), **_ONLY_SETS.get(key, {})}
    for label, read in readers.items():
        if label not in aliases and read is not unset:
            found[label] = read(obj)
    return found


# A retired version whose labels upstream still converts, and what it refuses others with.
_RETIRED_LABELS: Final = {("batch", "v1beta1", "CronJob"): ("status.successful",)}


def refusal(group: str, kind: str, field: str, version: str = "") -> str:
    """Why a selector may not name `field`, in upstream's words; "" if it may.

    `version` matters only for versions that are no longer served.
    """
    key = (group, kind)
    retired = _RETIRED_LABELS.get((group, version, kind))
    offered = FIELD_LABELS.get(key, {}) if retired is None else retired
    general = _METADATA[:1] if key in _WITHOUT_NAMESPACE else _METADATA
    if field in offered or field in general:
        return ""
    if retired is not None:
        return f'field label {quote(field)} not supported for "{kind}"'
    if key == ("batch", "Job"):
        return f"field label {quote(field)} not supported for Job"
    if key == ("resource.k8s.io", "ResourceSlice"):
        return f"field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: {field}"
    if offered or key in _WITHOUT_NAMESPACE:
        return f"field label not supported: {field}"
    known = ", ".join(map(quote, _METADATA))
    return f"{quote(field)} is not a known field selector: only {known}"
