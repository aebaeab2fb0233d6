"""`quota/*`: usage of pods, claims, services and counted objects; resource-list arithmetic."""

from kcore.api.core_v1 import quota as evaluators
from kcore.api.core_v1 import resource_list
from kcore.api.core_v1.quota_scope import ScopeError
from kcore.api.core_v1.resource_list import read, texts
from kcore.machinery.frozen import freeze, thaw
from kcore.machinery.timestamps import parse_time
from tests.conformance.registry import Registry

registry = Registry("machinery")

COUNTED_NAMES = ("configmaps", "count/configmaps", "secrets", "pods", "count/pods")


def quota_object(given):
    spec = {key: given[key] for key in ("scopes", "scopeSelector")}
    return freeze({"spec": spec, "status": {"hard": given["hard"]}})


def evaluated(evaluator, given, obj, now_ns=0):
    scopes = freeze(given["scopes"])
    quota = quota_object(given["quota"])
    out = {"usage": texts(evaluator.usage(obj, now_ns))}
    try:
        out["matches"] = evaluator.matches(quota, obj)
    except ScopeError as error:
        out |= {"matches": False, "matchesError": str(error)}
    try:
        matched = evaluator.matching_scopes(obj, scopes)
    except ScopeError as error:
        matched = []
        out["matchingScopesError"] = str(error)
    out["matchingScopes"] = [thaw(one) for one in matched]
    out["uncoveredScopes"] = [thaw(one) for one in evaluator.uncovered_scopes(scopes, matched)]
    constraints = evaluator.constraints(given["required"], obj)
    return out | ({"constraintsError": constraints} if constraints else {})


@registry.answers("quota/pod")
def pod(given):
    now_ns = parse_time(given["now"])
    return evaluated(evaluators.POD_EVALUATOR, given, freeze(given["pod"]), now_ns)


@registry.answers("quota/persistentVolumeClaim")
def claim(given):
    obj = freeze(given["persistentVolumeClaim"])
    return evaluated(evaluators.CLAIM_EVALUATOR, given, obj)


@registry.answers("quota/service")
def service(given):
    return evaluated(evaluators.SERVICE_EVALUATOR, given, freeze(given["service"]))


@registry.answers("quota/objectCount")
def object_count(given):
    arguments = (given["resource"], given["group"])
    evaluator = evaluators.object_count_evaluator(*arguments, given["alias"])
    return {
        "matchingResources": evaluator.matching_resources(COUNTED_NAMES),
        "name": evaluators.object_count_name(*arguments),
        "usage": texts(evaluator.usage(freeze({}), 0)),
    }


@registry.answers("quota/arithmetic")
def arithmetic(given):
    left, right, names = read(given["a"]), read(given["b"]), given["names"]
    exceeded = resource_list.exceeded(left, right)
    return {
        "add": texts(resource_list.add(left, right)),
        "equals": resource_list.equals(left, right),
        "exceeded": exceeded,
        "isZero": resource_list.is_zero(left),
        "lessThanOrEqual": not exceeded,
        "mask": texts(resource_list.mask(left, names)),
        "max": texts(resource_list.greatest(left, right)),
        "namesDifference": resource_list.difference(names, ("cpu",)),
        "namesIntersectionA": resource_list.intersection(names, ("cpu", "pods")),
        "negative": resource_list.negative(left),
        "removeZeros": texts(resource_list.without_zeros(left)),
        "subtract": texts(resource_list.subtract(left, right)),
        "subtractNonNegative": texts(resource_list.subtract_to_zero(left, right)),
    }
