"""`tolerations/*`: taints and what tolerates them."""

from kcore.api.core_v1.taint import (
    add_or_update_toleration,
    find_untolerated,
    tolerates,
    toleration_seconds_min,
    used_tolerations,
)
from kcore.machinery.frozen import freeze, thaw
from tests.conformance.registry import Registry

registry = Registry("machinery")


@registry.answers("tolerations/toleratesTaint")
def tolerates_taint(given):
    toleration, taint = freeze(given["toleration"]), freeze(given["taint"])
    with_comparison = given["comparisonOperators"]
    return {"tolerates": tolerates(toleration, taint, comparison_operators=with_comparison)}


@registry.answers("tolerations/untolerated")
def untolerated(given):
    effects = None if given["effects"] == "all" else given["effects"].split(",")
    taint = find_untolerated(
        freeze(given["taints"]),
        freeze(given["tolerations"]),
        effects,
        comparison_operators=given["comparisonOperators"],
    )
    return {"found": False} if taint is None else {"found": True, "taint": thaw(taint)}


@registry.answers("tolerations/eviction", prune=True)
def eviction(given):
    used = used_tolerations(freeze(given["taints"] or []), freeze(given["tolerations"] or []))
    return {
        "allTolerated": used is not None,
        "minTolerationSeconds": toleration_seconds_min(used or []),
        "usedTolerations": [thaw(one) for one in used or []],
    }


@registry.answers("tolerations/addOrUpdate", prune=True)
def add_or_update(given):
    found = add_or_update_toleration(
        freeze(given["tolerations"] or []), freeze(given["toleration"])
    )
    return {"changed": True, "tolerations": [thaw(one) for one in found]}
