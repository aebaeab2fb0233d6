"""What kcore answers to the `strategy` vectors: one module a subject."""

from tests.conformance.registry import Registry
from tests.conformance.strategy import reading, writing

registry = Registry("strategy")
for module in (reading, writing):
    registry.implementations.update(module.registry.implementations)
