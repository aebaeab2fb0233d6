"""Containers of a pod: regular, init and ephemeral ones."""

from dataclasses import dataclass, field
from typing import Any, Final

from kcore.api.core_v1.container_resources import validate_resources
from kcore.api.core_v1.env_rules import validate_env
from kcore.api.core_v1.mount_rules import validate_mounts
from kcore.api.core_v1.probe_rules import validate_lifecycle, validate_probes
from kcore.api.core_v1.security_rules import validate_container_security
from kcore.api.field_rules import PROTOCOLS, validate_one_of, validate_port_number
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import dns1123_label, port_name
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap

_PULL_POLICIES: Final = ("Always", "IfNotPresent", "Never")
_MESSAGE_POLICIES: Final = ("File", "FallbackToLogsOnError")
_RESIZE_POLICIES: Final = ("NotRequired", "RestartContainer")
_RESTART_POLICIES: Final = ("Always", "Never", "OnFailure")
_RULE_ACTIONS: Final = ("Restart", "RestartAllContainers")
_RULE_OPERATORS: Final = ("In", "NotIn")
_NOT_EPHEMERAL: Final = (
    "ports",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "resources",
    "lifecycle",
    "restartPolicy",
    "restartPolicyRules",
    "resizePolicy",
)


@dataclass(frozen=True, slots=True)
class PodFrame:
    """What the rules of a container must know of its pod."""

    spec: FrozenMap
    volumes: dict[str, FrozenMap] = field(default_factory=dict)
    claim_names: list[str] = field(default_factory=list)

    @property
    def grace_s(self) -> int | None:
        """The pod's grace period."""
        return self.spec.get("terminationGracePeriodSeconds")


def validate_containers(frame: PodFrame, errors: FieldErrors, path: str) -> None:
    """All containers of a pod."""
    containers = frame.spec.get("containers") or EMPTY_LIST
    here = child(path, "containers")
    if not containers:
        errors.required(here)
    names: list[str] = []
    for position, container in enumerate(containers):
        each = index(here, position)
        _validate_common(container, frame, errors, each)
        _validate_unique(container, names, errors, each)
        validate_lifecycle(
            container.get("lifecycle"), frame.grace_s, errors, child(each, "lifecycle")
        )
        validate_probes(container, frame.grace_s, errors, each)
        _validate_restart(container, errors, each)
    _validate_host_port_conflicts(containers, errors, here)
    _validate_init_containers(frame, names, errors, child(path, "initContainers"))
    _validate_ephemeral(frame, names, errors, child(path, "ephemeralContainers"))


def _validate_unique(
    container: FrozenMap, names: list[str], errors: FieldErrors, path: str
) -> None:
    name = container.get("name") or ""
    if name in names:
        errors.duplicate(child(path, "name"), name)
    elif name:
        names.append(name)


def _validate_common(container: FrozenMap, frame: PodFrame, errors: FieldErrors, path: str) -> None:
    name = container.get("name") or ""
    if name:
        errors.invalid_each(child(path, "name"), name, dns1123_label(name))
    else:
        errors.required(child(path, "name"))
    if not container.get("image"):
        errors.required(child(path, "image"))
    policy = container.get("terminationMessagePolicy") or ""
    validate_one_of(policy, _MESSAGE_POLICIES, errors, child(path, "terminationMessagePolicy"))
    _validate_ports(container.get("ports") or EMPTY_LIST, errors, child(path, "ports"))
    validate_env(container, frame.volumes, errors, path)
    validate_mounts(container, frame.volumes, errors, path)
    pull = container.get("imagePullPolicy") or ""
    validate_one_of(pull, _PULL_POLICIES, errors, child(path, "imagePullPolicy"))
    resources = container.get("resources") or EMPTY_MAP
    validate_resources(resources, frame.claim_names, errors, child(path, "resources"))
    _validate_resize(container, frame, errors, child(path, "resizePolicy"))
    context = container.get("securityContext")
    if context is not None:
        here = child(path, "securityContext")
        validate_container_security(context, frame.spec.get("hostUsers"), errors, here)


def _validate_ports(ports: Any, errors: FieldErrors, path: str) -> None:
    names: list[str] = []
    for position, port in enumerate(ports):
        here = index(path, position)
        name = port.get("name") or ""
        if name:
            problems = port_name(name)
            errors.invalid_each(child(here, "name"), name, problems)
            if not problems:
                if name in names:
                    errors.duplicate(child(here, "name"), name)
                else:
                    names.append(name)
        number = port.get("containerPort") or 0
        if number == 0:
            errors.required(child(here, "containerPort"))
        else:
            validate_port_number(number, errors, child(here, "containerPort"))
        if port.get("hostPort"):
            validate_port_number(port["hostPort"], errors, child(here, "hostPort"))
        protocol = port.get("protocol") or ""
        if not protocol:
            errors.required(child(here, "protocol"))
        elif protocol not in PROTOCOLS:
            errors.not_supported(child(here, "protocol"), protocol, PROTOCOLS)


def _validate_host_port_conflicts(containers: Any, errors: FieldErrors, path: str) -> None:
    seen: list[str] = []
    for position, container in enumerate(containers):
        for number, port in enumerate(container.get("ports") or EMPTY_LIST):
            if not port.get("hostPort"):
                continue
            text = f"{port.get('protocol') or ''}/{port.get('hostIP') or ''}/{port['hostPort']}"
            if text in seen:
                here = child(index(child(index(path, position), "ports"), number), "hostPort")
                errors.duplicate(here, text)
            else:
                seen.append(text)


def _validate_resize(container: FrozenMap, frame: PodFrame, errors: FieldErrors, path: str) -> None:
    seen: list[str] = []
    for position, policy in enumerate(container.get("resizePolicy") or EMPTY_LIST):
        resource = policy.get("resourceName") or ""
        if resource in seen:
            errors.duplicate(index(path, position), resource)
        else:
            seen.append(resource)
        if not resource:
            errors.required(path)
        elif resource not in ("cpu", "memory"):
            errors.not_supported(path, resource, ("cpu", "memory"))
        action = policy.get("restartPolicy") or ""
        if not action:
            errors.required(path)
        elif action not in _RESIZE_POLICIES:
            errors.not_supported(path, action, _RESIZE_POLICIES)
        if frame.spec.get("restartPolicy") == "Never" and action != "NotRequired":
            detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
            errors.invalid(path, action, detail)


def _validate_restart(
    container: FrozenMap, errors: FieldErrors, path: str, *, is_init: bool = False
) -> None:
    policy, rules = container.get("restartPolicy"), container.get("restartPolicyRules")
    here = child(path, "restartPolicy")
    if policy is None:
        if rules:
            errors.required(here, "must specify restartPolicy when restart rules are used")
        if is_init:
            return
    elif policy not in _RESTART_POLICIES:
        errors.not_supported(here, policy, _RESTART_POLICIES)
    for position, rule in enumerate(rules or EMPTY_LIST):
        each = index(child(path, "restartPolicyRules"), position)
        validate_one_of(rule.get("action") or "", _RULE_ACTIONS, errors, child(each, "action"))
        codes = rule.get("exitCodes")
        if codes is None:
            errors.required(child(each, "exitCodes"), "must be specified")
        else:
            operator = codes.get("operator") or ""
            validate_one_of(operator, _RULE_OPERATORS, errors, child(each, "exitCodes", "operator"))


def _validate_init_containers(
    frame: PodFrame, names: list[str], errors: FieldErrors, path: str
) -> None:
    seen = list(names)
    containers = frame.spec.get("initContainers") or EMPTY_LIST
    for position, container in enumerate(containers):
        here = index(path, position)
        _validate_common(container, frame, errors, here)
        sidecar = container.get("restartPolicy") == "Always"
        _validate_unique(container, seen, errors, here)
        _validate_host_port_conflicts([container], errors, path)
        if sidecar:
            validate_lifecycle(
                container.get("lifecycle"), frame.grace_s, errors, child(here, "lifecycle")
            )
            validate_probes(container, frame.grace_s, errors, here)
        else:
            for name in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"):
                if container.get(name) is not None:
                    detail = "may not be set for init containers without restartPolicy=Always"
                    errors.forbidden(child(here, name), detail)
        _validate_restart(container, errors, here, is_init=True)
    names.extend(name for name in seen if name not in names)


def _validate_ephemeral(frame: PodFrame, names: list[str], errors: FieldErrors, path: str) -> None:
    targets = [c.get("name") or "" for c in frame.spec.get("containers") or EMPTY_LIST]
    for position, container in enumerate(frame.spec.get("ephemeralContainers") or EMPTY_LIST):
        here = index(path, position)
        _validate_common(container, frame, errors, here)
        _validate_unique(container, names, errors, here)
        target = container.get("targetContainerName") or ""
        if target and target not in targets:
            errors.not_found(child(here, "targetContainerName"), target)
        for name in _NOT_EPHEMERAL:
            if container.get(name):
                errors.forbidden(child(here, name), "cannot be set for an Ephemeral Container")


def validate_image_whitespace(containers: Any, errors: FieldErrors, path: str) -> None:
    """An image of a pod (not of a template) has no whitespace around it."""
    for position, container in enumerate(containers):
        image = container.get("image") or ""
        if image != image.strip():
            here = child(index(path, position), "image")
            errors.invalid(here, image, "must not have leading or trailing whitespace")
