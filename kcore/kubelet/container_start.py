"""The steps from nothing to a running container: image, configuration, start. Pure.

Each step takes a run and gives the next one with the Events a kubelet would write. Texts are
those of v1.37 (pkg/kubelet/images, kuberuntime).
"""

from collections.abc import Container
from dataclasses import replace
from typing import Final, Protocol

from kcore.kubelet.behavior import ContainerBehavior, to_ns
from kcore.kubelet.pod_record import ContainerRun, Remark
from kcore.machinery.durations import format_duration
from kcore.machinery.frozen import FrozenMap
from kcore.runtime.clock import MINUTE_NS, SECOND_NS

CONFIG_ERROR: Final = "CreateContainerConfigError"
PULL_ERROR: Final = "ErrImagePull"
PULL_BACKOFF: Final = "ImagePullBackOff"
NEVER_PULL: Final = "ErrImageNeverPull"

PULL_BACKOFF_NS_MIN: Final = 10 * SECOND_NS
PULL_BACKOFF_NS_MAX: Final = 5 * MINUTE_NS
# How long a failed pull shows as such before the kubelet's next sync calls it a back-off.
PULL_ERROR_NS: Final = SECOND_NS
IMAGE_BYTES: Final = 50_000_000

Change = tuple[ContainerRun, tuple[Remark, ...]]


class Surroundings(Protocol):
    """The node at one moment."""

    @property
    def now_ns(self) -> int:
        """The present."""

    @property
    def images(self) -> Container[str]:
        """Images pulled before."""


def field_path(run: ContainerRun) -> str:
    """Where the container stands in the pod: `spec.containers{web}`."""
    return f"spec.{'initContainers' if run.init else 'containers'}{{{run.name}}}"


def begin_pull(
    container: FrozenMap, run: ContainerRun, behavior: ContainerBehavior, around: Surroundings
) -> Change:
    """Look for the image; pull it where the policy says so."""
    image = container.get("image") or ""
    policy = container.get("imagePullPolicy") or "IfNotPresent"
    present = image in around.images
    if policy == "Never" and not present:
        message = f'Container image "{image}" is not present with pull policy of Never'
        stuck = replace(run, reason=NEVER_PULL, message=message)
        if run.reason == NEVER_PULL:
            return stuck, ()
        path = field_path(run)
        return stuck, (
            Remark("Warning", NEVER_PULL, message, path),
            Remark("Warning", "Failed", f"Error: {NEVER_PULL}", path),
        )
    start_ns = to_ns(behavior.start_s)
    if policy == "Never" or (present and policy == "IfNotPresent"):
        return replace(run, wake_ns=around.now_ns + start_ns), ()
    wake_ns = around.now_ns + to_ns(behavior.pull_s) + start_ns
    pulling = replace(run, wake_ns=wake_ns, pulling_since_ns=around.now_ns)
    return pulling, (Remark("Normal", "Pulling", f'Pulling image "{image}"', field_path(run)),)


def retry_pull(
    container: FrozenMap, run: ContainerRun, behavior: ContainerBehavior, now_ns: int
) -> Change | None:
    """The next step of a pull that fails: error, back-off, another try; None when it is there."""
    image, path = container.get("image") or "", field_path(run)
    text = f'Failed to pull image "{image}": {behavior.pull_error}'
    if run.reason == PULL_ERROR:
        backoff_ns = min(2 * run.backoff_ns, PULL_BACKOFF_NS_MAX) or PULL_BACKOFF_NS_MIN
        waiting = replace(
            run,
            reason=PULL_BACKOFF,
            message=f'Back-off pulling image "{image}": {PULL_ERROR}: {text}',
            wake_ns=now_ns - PULL_ERROR_NS + backoff_ns,
            backoff_ns=backoff_ns,
        )
        return waiting, (
            Remark("Normal", "BackOff", f'Back-off pulling image "{image}"', path),
            Remark("Warning", "Failed", f"Error: {PULL_BACKOFF}", path),
        )
    if run.reason == PULL_BACKOFF:
        wake_ns = now_ns + to_ns(behavior.pull_s)
        again = replace(run, reason="", message="", wake_ns=wake_ns, pulling_since_ns=now_ns)
        return again, (Remark("Normal", "Pulling", f'Pulling image "{image}"', path),)
    if run.pulling_since_ns is None or not behavior.pull_error:
        return None
    failed = replace(
        run, reason=PULL_ERROR, message=text, wake_ns=now_ns + PULL_ERROR_NS, pulling_since_ns=None
    )
    return failed, (
        Remark("Warning", "Failed", text, path),
        Remark("Warning", "Failed", f"Error: {PULL_ERROR}", path),
    )


def refuse_config(run: ContainerRun, error: str) -> Change:
    """A ConfigMap or Secret it needs is missing: wait until that changes."""
    last = run.ended if run.ended is not None and run.state == "terminated" else run.last
    stuck = replace(
        run, state="waiting", reason=CONFIG_ERROR, message=error, wake_ns=None, last=last
    )
    if run.reason == CONFIG_ERROR and run.message == error:
        return stuck, ()
    return stuck, (Remark("Warning", "Failed", f"Error: {error}", field_path(run)),)


def launch(image: str, run: ContainerRun, behavior: ContainerBehavior, now_ns: int) -> Change:
    """Create and start the container."""
    path = field_path(run)
    running = replace(
        run,
        state="running",
        reason="",
        message="",
        wake_ns=None,
        pulling_since_ns=None,
        started_ns=now_ns,
        last=run.last if run.ended is None else run.ended,
        ended=None,
        serial=run.serial + 1,
        restart_count=run.serial,
        backoff_ns=run.backoff_ns if run.serial else 0,
    )
    return running, (
        Remark("Normal", "Pulled", _pulled(image, run, behavior), path),
        Remark("Normal", "Created", "Container created", path),
        Remark("Normal", "Started", "Container started", path),
    )


def _pulled(image: str, run: ContainerRun, behavior: ContainerBehavior) -> str:
    if run.pulling_since_ns is None:
        return (
            f'Container image "{image}" already present on machine and can be accessed by the pod'
        )
    took = format_duration(to_ns(behavior.pull_s))
    return (
        f'Successfully pulled image "{image}" in {took} ({took} including waiting). '
        f"Image size: {IMAGE_BYTES} bytes."
    )
