"""Pod templates of workloads: well formed, selected by their owner, running for ever."""

from typing import Any, Final

from kcore.api.core_v1.pod_rules import validate_pod_spec
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors, child
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.labels import NOTHING, Selector, SelectorError, from_label_selector
from kcore.machinery.meta import validate_annotations, validate_labels

_MISMATCH: Final = "`selector` does not match template `labels`"


def parsed_selector(selector: FrozenMap | None) -> Selector | None:
    """The selector, or None when it is malformed."""
    try:
        return from_label_selector(selector)
    except SelectorError:
        return None


def validate_template(template: FrozenMap, errors: FieldErrors, path: str) -> None:
    """A pod template on its own."""
    meta = template.get("metadata") or EMPTY_MAP
    validate_labels(meta.get("labels"), errors, child(path, "labels"))
    validate_annotations(meta.get("annotations"), errors, child(path, "annotations"))
    spec = template.get("spec") or EMPTY_MAP
    validate_pod_spec(spec, "", errors, child(path, "spec"))
    if spec.get("ephemeralContainers"):
        detail = "ephemeral containers not allowed in pod template"
        errors.forbidden(child(path, "spec", "ephemeralContainers"), detail)


def validate_pod_template(holder: FrozenMap, errors: FieldErrors) -> None:
    """A template kept as an object of its own."""
    validate_template(holder.get("template") or EMPTY_MAP, errors, "template")


def validate_pod_template_update(new: FrozenMap, _old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one, but for metadata."""
    validate_pod_template(new, errors)


POD_TEMPLATE: Final = Validation(validate_pod_template, validate_pod_template_update, "never")


def validate_selected(template: FrozenMap, selector: Any, errors: FieldErrors, path: str) -> None:
    """The owner's selector finds the pods it makes; a selector without terms is not asked."""
    labels = template.at("metadata", "labels")
    if selector is None:
        return
    if (selector is NOTHING or str(selector)) and not selector.matches(labels):
        errors.invalid(child(path, "metadata", "labels"), labels, _MISMATCH)


def validate_lasting(template: FrozenMap, kind: str, errors: FieldErrors, path: str) -> None:
    """Pods that are replaced for ever restart always and have no deadline."""
    spec = template.get("spec") or EMPTY_MAP
    restart = spec.get("restartPolicy") or ""
    if restart != "Always":
        errors.not_supported(child(path, "spec", "restartPolicy"), restart, ("Always",))
    if spec.get("activeDeadlineSeconds") is not None:
        detail = f"activeDeadlineSeconds in {kind} is not Supported"
        errors.forbidden(child(path, "spec", "activeDeadlineSeconds"), detail)
