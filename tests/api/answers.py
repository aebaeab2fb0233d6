"""What the rules of a kind say about an object written as plain data."""

from kcore.api.rules import rules_for
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import freeze
from kcore.machinery.resource import GroupVersionKind
from kcore.machinery.schema import decode


def defaulted(obj):
    """`obj` as the API server would store it, but for what the server itself writes."""
    gvk = GroupVersionKind.of(obj["apiVersion"], obj["kind"])
    found = decode(freeze(obj), gvk.api_version, gvk.kind).object
    return rules_for(gvk.group, gvk.kind).default(found)


def _texts(errors):
    return [str(error) for error in errors]


def problems(obj):
    """The problems of creating `obj`, as texts."""
    gvk = GroupVersionKind.of(obj["apiVersion"], obj["kind"])
    errors = FieldErrors()
    rules_for(gvk.group, gvk.kind).validate(defaulted(obj), errors)
    return _texts(errors)


def update_problems(new, old):
    """The problems of changing `old` into `new`, as texts."""
    gvk = GroupVersionKind.of(new["apiVersion"], new["kind"])
    errors = FieldErrors()
    rules_for(gvk.group, gvk.kind).validate_update(defaulted(new), defaulted(old), errors)
    return _texts(errors)


def new_object(api_version, kind, name="a", namespace="default", **fields):
    """An object with metadata as the server completes them before it checks."""
    metadata = {
        "name": name,
        "uid": "0",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "resourceVersion": "10",
    }
    if namespace:
        metadata["namespace"] = namespace
    metadata |= fields.pop("metadata", {})
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def pod(**spec):
    """A pod that is fine, with changes."""
    return new_object("v1", "Pod", spec={"containers": [{"name": "a", "image": "nginx"}], **spec})


def pod_with(**container):
    """A pod whose one container has changes."""
    return pod(containers=[{"name": "a", "image": "nginx", **container}])


def service(**spec):
    """A service that is fine, with changes."""
    return new_object("v1", "Service", spec={"ports": [{"port": 80}], **spec})


def deployment(**spec):
    """A deployment that is fine, with changes."""
    template = {
        "metadata": {"labels": {"app": "a"}},
        "spec": {"containers": [{"name": "a", "image": "nginx"}]},
    }
    found = {"selector": {"matchLabels": {"app": "a"}}, "template": template, **spec}
    return new_object("apps/v1", "Deployment", spec=found)
