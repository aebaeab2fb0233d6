"""Bindings: the body by which a scheduler gives a pod its node."""

from typing import Final

from kcore.machinery.frozen import Template, freeze

BINDING_OF_POD: Final = Template(
    freeze(
        {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": "", "uid": ""},
            "target": {"apiVersion": "v1", "kind": "Node", "name": ""},
        }
    ),
    ("metadata", "name"),
    ("metadata", "uid"),
    ("target", "name"),
)
"""Made of the pod's name, its uid and the node's name."""
