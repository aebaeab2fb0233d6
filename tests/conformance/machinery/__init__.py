"""What kcore answers to the `machinery` vectors: one module a subject."""

from tests.conformance.machinery import (
    cron,
    fields,
    hashes,
    intstr,
    jsonpath,
    labels,
    names,
    node_affinity,
    quantity,
    quota,
    resources,
    times,
    tolerations,
)
from tests.conformance.registry import Registry

registry = Registry("machinery")
for module in (
    cron,
    fields,
    hashes,
    intstr,
    jsonpath,
    labels,
    names,
    node_affinity,
    quantity,
    quota,
    resources,
    times,
    tolerations,
):
    registry.implementations.update(module.registry.implementations)
    registry.preparations.extend(module.registry.preparations)
