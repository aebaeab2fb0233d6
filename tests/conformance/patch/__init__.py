"""What kcore answers to the `patch` vectors: one module a subject."""

from tests.conformance.patch import strategic
from tests.conformance.registry import Registry

registry = Registry("patch")
for module in (strategic,):
    registry.implementations.update(module.registry.implementations)
