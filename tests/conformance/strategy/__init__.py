"""What kcore answers to the `strategy` vectors: what one object alone gets from the API server."""

from tests.conformance.registry import Registry
from tests.conformance.strategy import decoding, deletion, facts, kinds, printing, writes

registry = Registry("strategy")
for module in (decoding, deletion, facts, kinds, printing, writes):
    registry.implementations.update(module.registry.implementations)
