"""What a pod may ask of a scheduler that no plugin here decides. See the fidelity reference."""

from kcore.machinery.frozen import FrozenMap


def unmodelled_constraints(pod: FrozenMap) -> list[str]:
    """Each unmodelled demand as `field (upstream's plugin)`; empty when all is modelled."""
    claims = pod.at("spec", "resourceClaims")
    return ["spec.resourceClaims (DynamicResources)"] if claims else []
