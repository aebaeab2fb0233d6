"""Pod: rules of a new one and of a change."""

from typing import Final

from kcore.api.core_v1.pod_rules import validate_only_in_pods, validate_pod_spec
from kcore.api.core_v1.pod_update import validate_spec_update
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.meta import metadata_of

_GATED: Final = "cannot be set until all schedulingGates have been cleared"


def validate_pod(pod: FrozenMap, errors: FieldErrors) -> None:
    """A new pod."""
    _validate_pod(pod, errors)
    spec = pod.get("spec") or EMPTY_MAP
    if spec.get("ephemeralContainers"):
        errors.forbidden("spec.ephemeralContainers", "cannot be set on create")
    if spec.get("nodeName") and spec.get("schedulingGates"):
        errors.forbidden("spec.nodeName", _GATED)


def _validate_pod(pod: FrozenMap, errors: FieldErrors) -> None:
    spec = pod.get("spec") or EMPTY_MAP
    name = metadata_of(pod).get("name") or ""
    validate_pod_spec(spec, name, errors, "spec")
    validate_only_in_pods(spec, errors, "spec")


def validate_pod_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """A changed pod differs only where it may."""
    spec, before = new.get("spec") or EMPTY_MAP, old.get("spec") or EMPTY_MAP
    validate_spec_update(spec, before, errors, "spec")


POD: Final = Validation(validate_pod, validate_pod_update, "before", of_again=_validate_pod)
