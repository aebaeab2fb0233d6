"""What kcore answers to the `machinery` vectors: one module a subject."""

from tests.conformance.machinery import (
    cron,
    decoding,
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
    workloads,
)
from tests.conformance.registry import Registry

registry = Registry("machinery")
for module in (
    cron,
    decoding,
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
    workloads,
):
    registry.implementations.update(module.registry.implementations)
    registry.preparations.extend(module.registry.preparations)
