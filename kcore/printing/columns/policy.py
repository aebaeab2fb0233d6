"""Rows of the kinds that bound or steer others: budgets, priorities, autoscalers, admission."""

from collections.abc import Sequence

from kcore.machinery.frozen import FrozenMap
from kcore.printing.cells import NONE, UNSET, age, items, name, number, selector_dump, word
from kcore.printing.column import NAME, Cell, Column, Printer, integers, text


def _or_not_applicable(value: int | str | None) -> str:
    return "N/A" if value is None else str(value)


def disruption_budget(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a PodDisruptionBudget."""
    return [
        name(obj),
        _or_not_applicable(obj.at("spec", "minAvailable")),
        _or_not_applicable(obj.at("spec", "maxUnavailable")),
        number(obj, "status", "disruptionsAllowed"),
        age(obj, now_ns),
    ]


def priority_class(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a PriorityClass."""
    return [
        name(obj),
        number(obj, "value"),
        bool(obj.globalDefault),
        age(obj, now_ns),
        word(obj, "preemptionPolicy", default="PreemptLowerPriority"),
    ]


def runtime_class(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a RuntimeClass."""
    return [name(obj), word(obj, "handler"), age(obj, now_ns)]


def webhooks(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a webhook configuration."""
    return [name(obj), len(items(obj, "webhooks")), age(obj, now_ns)]


def _param_kind(obj: FrozenMap) -> str:
    kind = obj.at("spec", "paramKind")
    return UNSET if kind is None else f"{word(kind, 'apiVersion')}/{word(kind, 'kind')}"


def validating_policy(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a ValidatingAdmissionPolicy."""
    return [name(obj), len(items(obj, "spec", "validations")), _param_kind(obj), age(obj, now_ns)]


def mutating_policy(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a MutatingAdmissionPolicy."""
    return [name(obj), len(items(obj, "spec", "mutations")), _param_kind(obj), age(obj, now_ns)]


def policy_binding(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of an admission policy's binding."""
    return [name(obj), word(obj, "spec", "policyName"), _parameters(obj), age(obj, now_ns)]


def _parameters(obj: FrozenMap) -> str:
    """`namespace/name` of the parameters, or the selector that finds them, as Go shows it."""
    reference = obj.at("spec", "paramRef")
    if reference is None:
        return UNSET
    if word(reference, "name"):
        return f"{word(reference, 'namespace', default='*')}/{word(reference, 'name')}"
    selector = reference.selector
    return UNSET if selector is None else selector_dump(selector)


def resource_claim(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a ResourceClaim."""
    states = []
    if obj.at("metadata", "deletionTimestamp") is not None:
        states.append("deleted")
    allocated = obj.at("status", "allocation") is not None
    if allocated:
        states.append("allocated")
    if items(obj, "status", "reservedFor"):
        states.append("reserved")
    return [name(obj), ",".join(states) or "pending", age(obj, now_ns)]


def resource_slice(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a ResourceSlice."""
    return [
        name(obj),
        word(obj, "spec", "nodeName"),
        word(obj, "spec", "driver"),
        word(obj, "spec", "pool", "name"),
        age(obj, now_ns),
    ]


def trust_bundle(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a ClusterTrustBundle."""
    return [name(obj), word(obj, "spec", "signerName", default=NONE)]


BINDING = Printer((NAME, *text("PolicyName", "ParamRef", "Age")), policy_binding)
WEBHOOKS = Printer((NAME, *integers("Webhooks"), *text("Age")), webhooks)

PRINTERS = {
    ("policy", "PodDisruptionBudget"): Printer(
        (
            NAME,
            *text("Min Available", "Max Unavailable"),
            *integers("Allowed Disruptions"),
            *text("Age"),
        ),
        disruption_budget,
    ),
    ("scheduling.k8s.io", "PriorityClass"): Printer(
        (
            NAME,
            *integers("Value"),
            Column("Global-Default", type="boolean"),
            *text("Age", "PreemptionPolicy"),
        ),
        priority_class,
    ),
    ("node.k8s.io", "RuntimeClass"): Printer((NAME, *text("Handler", "Age")), runtime_class),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): WEBHOOKS,
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): WEBHOOKS,
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"): Printer(
        (NAME, *integers("Validations"), *text("ParamKind", "Age")), validating_policy
    ),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"): Printer(
        (NAME, *integers("Mutations"), *text("ParamKind", "Age")), mutating_policy
    ),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"): BINDING,
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"): BINDING,
    ("resource.k8s.io", "ResourceClaim"): Printer((NAME, *text("State", "Age")), resource_claim),
    ("resource.k8s.io", "ResourceSlice"): Printer(
        (NAME, *text("Node", "Driver", "Pool", "Age")), resource_slice
    ),
    ("certificates.k8s.io", "ClusterTrustBundle"): Printer(
        (NAME, *text("SignerName")), trust_bundle
    ),
}
