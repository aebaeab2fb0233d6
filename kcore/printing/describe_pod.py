"""The long form of a Pod: where it is, its containers, conditions, volumes and wishes."""

from collections.abc import Sequence
from typing import Final

from kcore.machinery.frozen import FrozenMap
from kcore.printing.cells import NONE, items, labels, mapping, number, word
from kcore.printing.columns.pod import status_word
from kcore.printing.sections import Sections
from kcore.printing.table import aligned

PROBES: Final = (
    ("livenessProbe", "Liveness"),
    ("readinessProbe", "Readiness"),
    ("startupProbe", "Startup"),
)


def describe_pod(sections: Sections, pod: FrozenMap, _objects: Sequence[FrozenMap]) -> None:
    """Add everything about a pod but its metadata and events."""
    sections.field("Priority", number(pod, "spec", "priority"))
    sections.field("Service Account", word(pod, "spec", "serviceAccountName", default=NONE))
    sections.field("Node", word(pod, "spec", "nodeName", default=NONE))
    sections.field("Start Time", word(pod, "status", "startTime"))
    sections.field("Status", status_word(pod))
    for field, title in (("reason", "Reason"), ("message", "Message")):
        if pod.at("status", field):
            sections.field(title, word(pod, "status", field))
    sections.field("IP", word(pod, "status", "podIP"))
    _containers(sections, pod, "Init Containers", "initContainers", "initContainerStatuses")
    _containers(sections, pod, "Containers", "containers", "containerStatuses")
    add_conditions(sections, pod, ("type", "status", "reason", "message"))
    _volumes(sections, pod)
    sections.field("QoS Class", word(pod, "status", "qosClass", default=NONE))
    sections.field("Node-Selectors", labels(pod.at("spec", "nodeSelector")))
    tolerations = "; ".join(toleration_text(one) for one in items(pod, "spec", "tolerations"))
    sections.field("Tolerations", tolerations or NONE)


def add_conditions(sections: Sections, obj: FrozenMap, fields: Sequence[str]) -> None:
    """Add `status.conditions` as a table with these columns."""
    conditions = items(obj, "status", "conditions")
    if conditions:
        rows = [[word(condition, field) for field in fields] for condition in conditions]
        titles = [field[0].upper() + field[1:] for field in fields]
        sections.block("Conditions", aligned([titles, *rows]))


def _containers(
    sections: Sections, pod: FrozenMap, title: str, spec_field: str, status_field: str
) -> None:
    containers = items(pod, "spec", spec_field)
    if not containers:
        return
    sections.heading(title)
    statuses = {word(one, "name"): one for one in items(pod, "status", status_field)}
    for container in containers:
        sections.heading(word(container, "name"), 1)
        _container(sections, container, statuses.get(word(container, "name")))


def _container(sections: Sections, container: FrozenMap, status: FrozenMap | None) -> None:
    sections.field("Image", word(container, "image"), 2)
    ports = ", ".join(
        f"{number(port, 'containerPort')}/{word(port, 'protocol', default='TCP')}"
        for port in items(container, "ports")
    )
    sections.field("Ports", ports or NONE, 2)
    if status is not None:
        _state(sections, status)
    for field, title in (("limits", "Limits"), ("requests", "Requests")):
        amounts = mapping(container, "resources", field)
        if amounts:
            sections.field(title, ", ".join(f"{key}={amounts[key]}" for key in sorted(amounts)), 2)
    for field, title in PROBES:
        if container.at(field) is not None:
            sections.field(title, probe_text(container[field]), 2)
    environment = [_variable(variable) for variable in items(container, "env")]
    environment += [_source(source) for source in items(container, "envFrom")]
    sections.field("Environment", ", ".join(environment) or NONE, 2)
    mounts = [
        f"{word(mount, 'mountPath')} from {word(mount, 'name')}"
        for mount in items(container, "volumeMounts")
    ]
    sections.field("Mounts", ", ".join(mounts) or NONE, 2)


def _state(sections: Sections, status: FrozenMap) -> None:
    for field, title in (("state", "State"), ("lastState", "Last State")):
        state = mapping(status, field)
        for kind in ("running", "waiting", "terminated"):
            if state.at(kind) is not None:
                sections.field(title, f"{kind.capitalize()}{_state_detail(state[kind])}", 2)
    sections.field("Ready", bool(status.ready), 2)
    sections.field("Restart Count", number(status, "restartCount"), 2)


def _state_detail(state: FrozenMap) -> str:
    pieces = [
        f"{field}={state[field]}"
        for field in ("reason", "message", "exitCode", "startedAt", "finishedAt")
        if state.at(field) is not None
    ]
    return f" ({', '.join(pieces)})" if pieces else ""


def probe_text(probe: FrozenMap) -> str:
    """`http-get :8080/healthz delay=0s timeout=1s period=10s #success=1 #failure=3`."""
    http, tcp, grpc = probe.at("httpGet"), probe.at("tcpSocket"), probe.at("grpc")
    if http is not None:
        action = f"http-get :{http.at('port')}{http.at('path', default='/')}"
    elif tcp is not None:
        action = f"tcp-socket :{tcp.at('port')}"
    elif grpc is not None:
        action = f"grpc :{grpc.at('port')}"
    else:
        action = f"exec {list(items(probe, 'exec', 'command'))}"
    return (
        f"{action} delay={number(probe, 'initialDelaySeconds')}s "
        f"timeout={probe.at('timeoutSeconds', default=1)}s "
        f"period={probe.at('periodSeconds', default=10)}s "
        f"#success={probe.at('successThreshold', default=1)} "
        f"#failure={probe.at('failureThreshold', default=3)}"
    )


def _variable(variable: FrozenMap) -> str:
    origin = variable.at("valueFrom")
    if origin is None:
        return f"{word(variable, 'name')}={word(variable, 'value')}"
    kind = next(iter(sorted(origin)), "")
    return f"{word(variable, 'name')}=<{kind}>"


def _source(source: FrozenMap) -> str:
    for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
        if source.at(field) is not None:
            return f"{kind} {source.at(field, 'name', default='')}"
    return NONE


def _volumes(sections: Sections, pod: FrozenMap) -> None:
    volumes = items(pod, "spec", "volumes")
    if not volumes:
        return
    sections.heading("Volumes")
    for volume in volumes:
        kinds = [key for key in sorted(volume) if key != "name"]
        sections.field(word(volume, "name"), ", ".join(kinds) or "emptyDir", 1)


def toleration_text(toleration: FrozenMap) -> str:
    """`key=value:NoSchedule for 300s`; an empty key tolerates everything."""
    key = word(toleration, "key")
    if toleration.operator == "Exists" or not toleration.at("value"):
        text = f"{key} op=Exists" if key else "op=Exists"
    else:
        text = f"{key}={toleration['value']}"
    effect = word(toleration, "effect")
    seconds = toleration.at("tolerationSeconds")
    text = f"{text}:{effect}" if effect else text
    return text if seconds is None else f"{text} for {seconds}s"
