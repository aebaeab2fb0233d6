"""Containers: defaults of images, ports, probes, handlers and environment."""

from typing import Final

from kcore.api.core_v1.image_name import default_pull_policy
from kcore.api.filling import fill, fill_empty, map_child, map_items
from kcore.machinery.frozen import FrozenMap

_PROBE: Final = {
    "timeoutSeconds": 1,
    "periodSeconds": 10,
    "successThreshold": 1,
    "failureThreshold": 3,
}


def default_container(container: FrozenMap) -> FrozenMap:
    """Fill in pull policy, termination message, protocols, probes and API versions."""
    container = fill_empty(
        container,
        {
            "imagePullPolicy": default_pull_policy(container.get("image") or ""),
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
        },
    )
    container = map_items(container, "ports", default_port)
    container = map_items(container, "env", default_env)
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        container = map_child(container, probe, default_probe)
    return map_child(container, "lifecycle", default_lifecycle)


def default_port(port: FrozenMap) -> FrozenMap:
    """TCP."""
    return fill_empty(port, {"protocol": "TCP"})


def default_env(variable: FrozenMap) -> FrozenMap:
    """A field reference speaks v1."""
    return map_child(variable, "valueFrom", _default_env_source)


def _default_env_source(source: FrozenMap) -> FrozenMap:
    source = map_child(source, "fieldRef", default_field_ref)
    return map_child(source, "fileKeyRef", lambda ref: fill(ref, {"optional": False}))


def default_field_ref(reference: FrozenMap) -> FrozenMap:
    """A field reference speaks v1."""
    return fill_empty(reference, {"apiVersion": "v1"})


def default_probe(probe: FrozenMap) -> FrozenMap:
    """Periods and thresholds; zero counts as unset."""
    missing = {key: value for key, value in _PROBE.items() if not probe.get(key)}
    probe = fill(probe, missing)
    return default_handler(probe)


def default_handler(handler: FrozenMap) -> FrozenMap:
    """An HTTP handler asks for `/` over HTTP; a gRPC one for the empty service."""
    handler = map_child(
        handler, "httpGet", lambda get: fill_empty(get, {"path": "/", "scheme": "HTTP"})
    )
    return map_child(handler, "grpc", lambda grpc: fill(grpc, {"service": ""}))


def default_lifecycle(lifecycle: FrozenMap) -> FrozenMap:
    """The handlers of both hooks."""
    lifecycle = map_child(lifecycle, "postStart", default_handler)
    return map_child(lifecycle, "preStop", default_handler)
