"""`nodeaffinity/*`: required and preferred node affinity, topology terms."""

from kcore.api.core_v1.affinity import (
    compile_preferred_terms,
    required_node_affinity,
    topology_terms_match,
)
from kcore.api.core_v1.node_selector import compile_node_selector
from kcore.machinery.frozen import freeze
from kcore.machinery.labels import SelectorError
from tests.conformance.registry import Registry

registry = Registry("machinery")


def node_object(given):
    return freeze({"metadata": given})


@registry.answers("nodeaffinity/required")
def required(given):
    spec = {"affinity": given["affinity"], "nodeSelector": given["nodeSelector"]}
    affinity = required_node_affinity(freeze({"spec": spec}))
    node = node_object(given["node"])
    matches = affinity.matches(node)
    out = {"match": matches}
    errors = affinity.errors()
    if errors and not matches and affinity.reaches_terms(node):
        out["error"] = errors.message()
    required_terms = freeze(given).at(
        "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"
    )
    if required_terms is not None:
        selector = compile_node_selector(required_terms)
        if selector.errors():
            out["parseError"] = selector.errors().message()
        else:
            out["strictMatch"] = selector.matches(node)
    return out


@registry.answers("nodeaffinity/preferred")
def preferred(given):
    try:
        terms = compile_preferred_terms(freeze(given["terms"]))
    except SelectorError as error:
        return {"error": str(error)}
    return {"scores": [terms.score(node_object(node)) for node in given["nodes"]]}


@registry.answers("nodeaffinity/topologySelector")
def topology_selector(given):
    return {"match": topology_terms_match(freeze(given["terms"] or []), freeze(given["labels"]))}
