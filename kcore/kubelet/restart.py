"""Whether an ended container is started again, and when. Pure.

The first restart is immediate; then a container waits 10 s, 20 s, ... up to 5 min after its end.
Ten minutes (twice the maximum) between the last restart and the end forgive the past.
Source: kuberuntime's `doBackOff`, client-go's `flowcontrol.Backoff`, KEP-5307 (restart rules).
"""

from dataclasses import replace
from typing import Final

from kcore.kubelet.container_start import field_path
from kcore.kubelet.pod_record import ContainerRun, Remark
from kcore.machinery.durations import format_duration
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.runtime.clock import MINUTE_NS, SECOND_NS

BACKOFF_NS_MIN: Final = 10 * SECOND_NS
BACKOFF_NS_MAX: Final = 5 * MINUTE_NS


def should_restart(pod: FrozenMap, container: FrozenMap, run: ContainerRun) -> bool:
    """Whether the policies of container and pod ask for another run. O(rules)."""
    if run.ended is None:
        return False
    if run.sidecar:
        return True
    code = run.ended.exit_code
    if any(_rule_matches(rule, code) for rule in container.get("restartPolicyRules") or EMPTY_LIST):
        return True
    policy = container.get("restartPolicy") or pod.at("spec", "restartPolicy", default="Always")
    if run.init:
        return code != 0 and policy != "Never"
    return policy == "Always" or (policy == "OnFailure" and code != 0)


def _rule_matches(rule: FrozenMap, code: int) -> bool:
    codes = rule.get("exitCodes")
    if rule.get("action") != "Restart" or codes is None:
        return False
    listed = code in (codes.get("values") or EMPTY_LIST)
    return listed if codes.get("operator") == "In" else not listed


def back_off(
    pod: FrozenMap, run: ContainerRun, start_ns: int
) -> tuple[ContainerRun, Remark | None]:
    """Say when the ended container starts again; it keeps showing its end if that is at once.

    `start_ns` is how long an immediate start takes.
    """
    ended = run.ended
    assert ended is not None
    forgiven = ended.finished_ns - run.backoff_since_ns > 2 * BACKOFF_NS_MAX
    if run.backoff_ns == 0 or forgiven:
        wake_ns = ended.finished_ns + start_ns
        return replace(
            run, wake_ns=wake_ns, backoff_ns=BACKOFF_NS_MIN, backoff_since_ns=wake_ns
        ), None
    wake_ns = ended.finished_ns + run.backoff_ns
    metadata = pod["metadata"]
    named = f"{metadata['name']}_{metadata.get('namespace') or ''}({metadata.get('uid') or ''})"
    message = (
        f"back-off {format_duration(run.backoff_ns)} restarting failed container={run.name} "
        f"pod={named}"
    )
    waiting = replace(
        run,
        state="waiting",
        reason="CrashLoopBackOff",
        message=message,
        wake_ns=wake_ns,
        last=ended,
        backoff_ns=min(2 * run.backoff_ns, BACKOFF_NS_MAX),
        backoff_since_ns=wake_ns,
    )
    text = f"Back-off restarting failed container {run.name} in pod {named}"
    return waiting, Remark("Warning", "BackOff", text, field_path(run))
