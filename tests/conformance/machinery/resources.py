"""`resources/*`: effective requests and limits, QoS, resource names."""

from kcore.api.core_v1 import pod_resources, resource_names
from kcore.api.core_v1.pod_resources import PodResourcesOptions
from kcore.api.core_v1.qos import compute_qos_class, qos_class
from kcore.machinery.frozen import freeze
from kcore.machinery.quantity import Quantity, QuantityError
from kcore.printing.columns.storage import _SHORT_MODES, _modes
from tests.conformance.registry import Registry

registry = Registry("machinery")


def texts(amounts):
    return {name: str(quantity) for name, quantity in amounts.items()}


def options_of(given):
    missing = given.get("nonMissingContainerRequests") or {}
    return PodResourcesOptions(
        use_status=given["useStatusResources"],
        use_pod_level_status=given["inPlacePodLevelResources"],
        exclude_overhead=given["excludeOverhead"],
        skip_pod_level=given["skipPodLevelResources"],
        skip_container_level=given["skipContainerLevelResources"],
        non_missing_requests={name: Quantity.parse(text) for name, text in missing.items()},
    )


@registry.answers("resources/pod")
def pod(given):
    options, pod = options_of(given["options"]), freeze(given["pod"])
    return {
        "containerLimits": texts(pod_resources.container_limits(pod, options)),
        "containerRequests": texts(pod_resources.container_requests(pod, options)),
        "limits": texts(pod_resources.pod_limits(pod, options)),
        "requests": texts(pod_resources.pod_requests(pod, options)),
        "podLevelLimitsSet": pod_resources.pod_level_limits_set(pod),
        "podLevelRequestsSet": pod_resources.pod_level_requests_set(pod),
        "podLevelSet": pod_resources.pod_level_resources_set(pod),
        "resizeDeferred": pod_resources.is_resize_deferred(pod),
        "resizeInfeasible": pod_resources.is_resize_infeasible(pod),
    }


@registry.answers("resources/qos")
def qos(given):
    pod = freeze(given["pod"])
    return {"computed": compute_qos_class(pod), "qos": qos_class(pod)}


@registry.answers("resources/names")
def names(given):
    name = given["name"]
    out = {
        "attachableVolume": resource_names.is_attachable_volume(name),
        "extended": resource_names.is_extended(name),
        "hugePage": resource_names.is_huge_page(name),
        "native": resource_names.is_native(name),
        "overcommitAllowed": resource_names.is_overcommit_allowed(name),
        "podLevelSupported": pod_resources.is_pod_level_resource(name),
        "prefixedNative": resource_names.is_prefixed_native(name),
    }
    try:
        out["hugePageSize"] = str(resource_names.huge_page_size(name))
    except QuantityError as error:
        out["hugePageSizeError"] = str(error)
    return out


@registry.answers("resources/accessModes")
def access_modes(given):
    text = _modes(given["modes"])
    long_of = {short: mode for mode, short in _SHORT_MODES}
    return {"back": [long_of[short] for short in text.split(",") if short], "string": text}
