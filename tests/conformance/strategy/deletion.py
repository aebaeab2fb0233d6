"""`delete`: what BeforeDelete decides about one object."""

from tests.conformance.registry import Registry

registry = Registry("strategy")
