"""`resources/*`: effective requests and limits, QoS, resource names."""

from kcore.api.core_v1 import pod_resources
from kcore.api.core_v1.pod_resources import PodResourcesOptions
from kcore.api.core_v1.qos import compute_qos_class, qos_class
from kcore.machinery.frozen import freeze
from kcore.machinery.quantity import Quantity
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
