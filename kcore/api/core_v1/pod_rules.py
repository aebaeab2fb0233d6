"""PodSpec: the rules that pods and pod templates share, and those of a pod alone."""

from typing import Any, Final

from kcore.api.core_v1.affinity_rules import validate_affinity, validate_spread_constraints
from kcore.api.core_v1.container_resources import (
    validate_container_resource_name,
    validate_resources,
)
from kcore.api.core_v1.container_rules import (
    PodFrame,
    validate_containers,
    validate_image_whitespace,
)
from kcore.api.core_v1.os_rules import validate_for_os
from kcore.api.core_v1.pod_level_rules import validate_pod_resources
from kcore.api.core_v1.security_rules import validate_pod_security
from kcore.api.core_v1.taint_rules import validate_tolerations
from kcore.api.core_v1.volume_rules import validate_volumes
from kcore.api.field_rules import INT32_MAX, validate_one_of
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import (
    dns1123_label,
    dns1123_subdomain,
    dns1123_subdomain_with_underscore,
    in_range,
    label_key,
    qualified_name,
)
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.internal_text import rendered_internal
from kcore.machinery.ip_address import validate_legacy_ip
from kcore.machinery.meta import validate_labels

_RESTART_POLICIES: Final = ("Always", "OnFailure", "Never")
_DNS_POLICIES: Final = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_PREEMPTION: Final = ("PreemptLowerPriority", "Never")
_OS_NAMES: Final = ("linux", "windows")
_NAMESERVERS_COUNT_MAX: Final = 3
_SEARCHES_COUNT_MAX: Final = 32
_SEARCHES_LENGTH_MAX: Final = 2048
_CLAIM: Final = "core/v1.PodResourceClaim"
_HOST_USERS: Final = "when `hostUsers` is false"
_HOSTNAME_BYTES_MAX: Final = 64


def validate_pod_spec(spec: FrozenMap, pod_name: str, errors: FieldErrors, path: str) -> None:
    """Everything about a pod that a template can say, too. O(size)."""
    volumes = validate_volumes(
        spec.get("volumes") or EMPTY_LIST, pod_name, errors, child(path, "volumes")
    )
    claims = spec.get("resourceClaims") or EMPTY_LIST
    _validate_claims(claims, errors, child(path, "resourceClaims"))
    claim_names = [claim.get("name") or "" for claim in claims]
    frame = PodFrame(spec, volumes, [name for name in claim_names if name])
    validate_containers(frame, errors, path)
    resources = spec.get("resources")
    if resources is not None:
        validate_pod_resources(spec, frame.claim_names, errors, child(path, "resources"))
    _validate_policies(spec, errors, path)
    validate_pod_security(spec, errors, path)
    _validate_host_ports(spec, errors, path)
    for secret in spec.get("imagePullSecrets") or EMPTY_LIST:
        name = secret.get("name") or ""
        if name and dns1123_subdomain(name):
            break
    validate_affinity(spec.get("affinity"), errors, child(path, "affinity"))
    _validate_dns(spec, errors, child(path, "dnsConfig"))
    for position, gate in enumerate(spec.get("readinessGates") or EMPTY_LIST):
        kind = gate.get("conditionType") or ""
        here = child(index(child(path, "readinessGates"), position), "conditionType")
        errors.invalid_each(here, kind, label_key(kind))
    _validate_gates(
        spec.get("schedulingGates") or EMPTY_LIST, errors, child(path, "schedulingGates")
    )
    constraints = spec.get("topologySpreadConstraints") or EMPTY_LIST
    validate_spread_constraints(constraints, errors, child(path, "topologySpreadConstraints"))
    _validate_host_users(spec, errors, path)
    _validate_names(spec, errors, path)
    _validate_rest(spec, errors, path)


def _validate_policies(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    restart = spec.get("restartPolicy") or ""
    if not restart:
        errors.required(child(path, "restartPolicy"))
    elif restart not in _RESTART_POLICIES:
        errors.not_supported(child(path, "restartPolicy"), restart, _RESTART_POLICIES)
    dns = spec.get("dnsPolicy") or ""
    if not dns:
        errors.required(child(path, "dnsPolicy"))
    elif dns not in _DNS_POLICIES:
        errors.not_supported(child(path, "dnsPolicy"), dns, _DNS_POLICIES)
    validate_labels(spec.get("nodeSelector"), errors, child(path, "nodeSelector"))


def _validate_claims(claims: Any, errors: FieldErrors, path: str) -> None:
    seen: list[str] = []
    for position, claim in enumerate(claims):
        here = index(path, position)
        name = claim.get("name") or ""
        if not name:
            errors.required(child(here, "name"))
        elif name in seen:
            errors.duplicate(child(here, "name"), name)
        else:
            errors.invalid_each(child(here, "name"), name, dns1123_label(name))
            seen.append(name)
        given = claim.get("resourceClaimName"), claim.get("resourceClaimTemplateName")
        if given == (None, None):
            detail = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            errors.invalid(here, rendered_internal(claim, _CLAIM), detail)
        elif None not in given:
            detail = (
                "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            )
            errors.invalid(here, rendered_internal(claim, _CLAIM), detail)
        for field, value in zip(
            ("resourceClaimName", "resourceClaimTemplateName"), given, strict=True
        ):
            if value is not None:
                errors.invalid_each(child(here, field), value, dns1123_subdomain(value))


def _validate_host_ports(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    if not spec.get("hostNetwork"):
        return
    for list_name in ("containers", "initContainers"):
        for position, container in enumerate(spec.get(list_name) or EMPTY_LIST):
            for number, port in enumerate(container.get("ports") or EMPTY_LIST):
                host_port = port.get("hostPort") or 0
                # Pods made from a template get the port by default.
                if not host_port and path != "spec":
                    continue
                if host_port != (port.get("containerPort") or 0):
                    here = index(child(index(child(path, list_name), position), "ports"), number)
                    detail = "must match `containerPort` when `hostNetwork` is true"
                    errors.invalid(child(here, "hostPort"), host_port, detail)


def _validate_dns(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    config = spec.get("dnsConfig")
    servers = (config or EMPTY_MAP).get("nameservers") or EMPTY_LIST
    if spec.get("dnsPolicy") == "None":
        if config is None:
            errors.required(path, "must provide `dnsConfig` when `dnsPolicy` is None")
            return
        if not servers:
            detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            errors.required(child(path, "nameservers"), detail)
            return
    if config is None:
        return
    if len(servers) > _NAMESERVERS_COUNT_MAX:
        detail = f"must not have more than {_NAMESERVERS_COUNT_MAX} nameservers"
        errors.invalid(child(path, "nameservers"), servers, detail)
    for position, server in enumerate(servers):
        validate_legacy_ip(server, errors, index(child(path, "nameservers"), position), strict=True)
    _validate_searches(config.get("searches") or EMPTY_LIST, errors, child(path, "searches"))
    for position, option in enumerate(config.get("options") or EMPTY_LIST):
        if not option.get("name"):
            errors.required(index(child(path, "options"), position), "must not be empty")


def _validate_searches(searches: Any, errors: FieldErrors, path: str) -> None:
    if len(searches) > _SEARCHES_COUNT_MAX:
        detail = f"must not have more than {_SEARCHES_COUNT_MAX} search paths"
        errors.invalid(path, searches, detail)
    if len(" ".join(searches)) > _SEARCHES_LENGTH_MAX:
        detail = (
            f"must not have more than {_SEARCHES_LENGTH_MAX} characters (including spaces) "
            "in the search list"
        )
        errors.invalid(path, searches, detail)
    for position, search in enumerate(searches):
        text = search.removesuffix(".") if search != "." else ""
        if search != ".":
            found = dns1123_subdomain_with_underscore(text)
            errors.invalid_each(index(path, position), text, found)


def _validate_gates(gates: Any, errors: FieldErrors, path: str) -> None:
    seen: list[str] = []
    for position, gate in enumerate(gates):
        name = gate.get("name") or ""
        errors.invalid_each(index(path, position), name, qualified_name(name))
        if name in seen:
            errors.duplicate(index(path, position), name)
        seen.append(name)


def _validate_host_users(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    if spec.get("hostUsers") is not False:
        return
    for list_name in ("containers", "initContainers"):
        for position, container in enumerate(spec.get(list_name) or EMPTY_LIST):
            if container.get("volumeDevices"):
                here = child(index(child(path, list_name), position), "volumeDevices")
                errors.forbidden(here, _HOST_USERS)
    for field, shown in (
        ("hostNetwork", "hostNetwork"),
        ("hostPID", "HostPID"),
        ("hostIPC", "HostIPC"),
    ):
        if spec.get(field):
            errors.forbidden(child(path, shown), _HOST_USERS)


def _validate_names(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    for field in ("serviceAccountName", "nodeName"):
        name = spec.get(field) or ""
        if name:
            errors.invalid_each(child(path, field), name, dns1123_subdomain(name))
    seconds = spec.get("activeDeadlineSeconds")
    if seconds is not None:
        here = child(path, "activeDeadlineSeconds")
        errors.invalid_each(here, seconds, in_range(seconds, 1, INT32_MAX))
    for field in ("hostname", "subdomain"):
        name = spec.get(field) or ""
        if name:
            errors.invalid_each(child(path, field), name, dns1123_label(name))
    tolerations = spec.get("tolerations") or EMPTY_LIST
    validate_tolerations(tolerations, errors, child(path, "tolerations"))
    for position, alias in enumerate(spec.get("hostAliases") or EMPTY_LIST):
        here = index(child(path, "hostAliases"), position)
        validate_legacy_ip(alias.get("ip") or "", errors, child(here, "ip"), strict=True)
        for number, name in enumerate(alias.get("hostnames") or EMPTY_LIST):
            where = index(child(here, "hostnames"), number)
            errors.invalid_each(where, name, dns1123_subdomain(name))


def _validate_rest(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    name = spec.get("priorityClassName") or ""
    if name:
        errors.invalid_each(child(path, "priorityClassName"), name, dns1123_subdomain(name))
    runtime = spec.get("runtimeClassName")
    if runtime is not None:
        errors.invalid_each(child(path, "runtimeClassName"), runtime, dns1123_subdomain(runtime))
    preemption = spec.get("preemptionPolicy")
    if preemption is not None:
        here = child(path, "preemptionPolicy")
        if not preemption:
            errors.required(here)
        elif preemption not in _PREEMPTION:
            errors.not_supported(here, preemption, _PREEMPTION)
    overhead = spec.get("overhead")
    if overhead is not None:
        # Checked as the limits of a container.
        limits = EMPTY_MAP.set("limits", overhead)
        validate_resources(
            limits, [], errors, child(path, "overhead"), validate_container_resource_name
        )
    _validate_os(spec, errors, child(path, "os"))
    _validate_hostname_override(spec, errors, child(path, "hostnameOverride"))


def _validate_os(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    os = spec.get("os")
    if os is None:
        return
    name = os.get("name") or ""
    if not name:
        errors.required(child(path, "name"))
    else:
        validate_one_of(name, _OS_NAMES, errors, path)
        validate_for_os(spec, name, errors, path.removesuffix(".os"))


def _validate_hostname_override(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    name = spec.get("hostnameOverride")
    if name is None:
        return
    if spec.get("setHostnameAsFQDN"):
        errors.forbidden(path, "may not be specified when setHostnameAsFQDN is true")
    if spec.get("hostNetwork"):
        errors.forbidden(path, "may not be specified when hostNetwork is true")
    errors.invalid_each(path, name, dns1123_subdomain(name))
    if len(name) > _HOSTNAME_BYTES_MAX:
        errors.too_long(path, _HOSTNAME_BYTES_MAX)


def validate_only_in_pods(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    """Rules that templates are spared, for the sake of old ones."""
    if not spec.get("serviceAccountName"):
        for position, volume in enumerate(spec.get("volumes") or EMPTY_LIST):
            _forbid_tokens(volume, errors, index(child(path, "volumes"), position))
    for name in ("containers", "initContainers"):
        validate_image_whitespace(spec.get(name) or EMPTY_LIST, errors, child(path, name))


def _forbid_tokens(volume: FrozenMap, errors: FieldErrors, path: str) -> None:
    sources = volume.at("projected", "sources", default=EMPTY_LIST)
    for position, source in enumerate(sources):
        if source.get("serviceAccountToken") is not None:
            here = index(child(path, "projected", "sources"), position)
            detail = "must not be specified when serviceAccountName is not set"
            errors.forbidden(child(here, "serviceAccountToken"), detail)
