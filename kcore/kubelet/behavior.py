"""What containers would do, declared: how long they take, run, exit, and when probes succeed.

    Behavior(
        images={"flaky:1": ContainerBehavior(run_s=30, exit_code=1)},
        rules=[BehaviorRule({"app": "slow"}, ContainerBehavior(ready_after_s=20))],
    )

A rule on pod labels wins over an image, an image over the defaults: servers run for ever, init
containers and the containers of pods that are not restarted always end well after a moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.runtime.clock import SECOND_NS


@dataclass(frozen=True, slots=True)
class ContainerBehavior:
    """One container's life. Durations in seconds, fractions allowed; None means never.

    `started_after_s`, `ready_after_s`: from the start until startup and readiness probes succeed.
    `unready_after_s`, `unhealthy_after_s`: from the start until readiness and liveness probes
    fail. They matter only where the pod declares such a probe. `pull_error`: the image cannot be
    pulled, and this is what the registry says. `stop_s`: from SIGTERM to the end.
    """

    pull_s: float = 1.0
    start_s: float = 0.5
    run_s: float | None = None
    exit_code: int = 0
    started_after_s: float | None = 0.0
    ready_after_s: float | None = 0.0
    unready_after_s: float | None = None
    unhealthy_after_s: float | None = None
    stop_s: float = 0.5
    stop_exit_code: int = 0
    pull_error: str = ""

    def __post_init__(self) -> None:
        for name in ("pull_s", "start_s", "run_s", "stop_s", "started_after_s", "ready_after_s"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ValueError(f"{name}: {value} is negative")
        if not 0 <= self.exit_code <= 255:
            raise ValueError(f"exit_code: {self.exit_code} is not in [0, 255]")


SERVER: Final = ContainerBehavior()
INIT: Final = ContainerBehavior(run_s=0.5)
BATCH: Final = ContainerBehavior(run_s=2.0)


@dataclass(frozen=True, slots=True)
class BehaviorRule:
    """Pods that have all `labels` (and the container called `container`, if given) do this."""

    labels: Mapping[str, str]
    behavior: ContainerBehavior
    container: str = ""

    def applies_to(self, pod: FrozenMap, container: FrozenMap) -> bool:
        """Whether the rule is about this container. O(labels)."""
        if self.container and self.container != container["name"]:
            return False
        labels = pod.at("metadata", "labels", default=EMPTY_MAP)
        return all(labels.get(key) == value for key, value in self.labels.items())


@dataclass(frozen=True, slots=True)
class Behavior:
    """The behaviour of every container in the cluster."""

    server: ContainerBehavior = SERVER
    init: ContainerBehavior = INIT
    batch: ContainerBehavior = BATCH
    images: Mapping[str, ContainerBehavior] = field(default_factory=dict)
    rules: Sequence[BehaviorRule] = ()

    def of(self, pod: FrozenMap, container: FrozenMap, *, init: bool = False) -> ContainerBehavior:
        """What this container does. O(rules)."""
        for rule in self.rules:
            if rule.applies_to(pod, container):
                return rule.behavior
        known = self.images.get(container.get("image") or "")
        if known is not None:
            return known
        if init and container.get("restartPolicy") != "Always":
            return self.init
        restarts = pod.at("spec", "restartPolicy", default="Always") == "Always"
        return self.server if restarts or init else self.batch


def to_ns(duration_s: float) -> int:
    """Seconds as nanoseconds."""
    return round(duration_s * SECOND_NS)
