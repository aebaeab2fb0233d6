"""Which pods go first, one rule at a time."""

import pytest

from kcore.controllers.pod_deletion_order import choose_victims, deletion_cost, deletion_order
from kcore.machinery.frozen import freeze
from kcore.machinery.timestamps import parse_time

NOW_NS = parse_time("2026-01-01T12:00:00Z")


def pod(
    uid="u", node="n1", *, phase="Running", ready=None, cost=None, restarts=0, created="11:00:00"
):
    obj = {
        "metadata": {"name": uid, "uid": uid, "creationTimestamp": f"2026-01-01T{created}Z"},
        "spec": {"nodeName": node} if node else {},
        "status": {"phase": phase, "containerStatuses": [{"name": "c", "restartCount": restarts}]},
    }
    if ready is not None:
        since = f"2026-01-01T{ready}Z"
        condition = {"type": "Ready", "status": "True", "lastTransitionTime": since}
        obj["status"]["conditions"] = [condition]
    if cost is not None:
        key = "controller.kubernetes.io/pod-deletion-cost"
        obj["metadata"]["annotations"] = {key: cost}
    return freeze(obj)


RULES = [
    ("not assigned before assigned", pod(node=""), pod()),
    ("Pending before Running", pod(phase="Pending"), pod()),
    ("Unknown before Running", pod(phase="Unknown"), pod()),
    ("not ready before ready", pod(), pod(ready="11:00:00")),
    ("lower cost first", pod(cost="-1"), pod(cost="0")),
    (
        "ready for a shorter time first",
        pod(ready="11:59:00"),
        pod(ready="10:00:00"),
    ),
    (
        "ready for about the same time: by uid",
        pod("a", ready="11:30:00"),
        pod("b", ready="11:31:00"),
    ),
    ("more restarts first", pod(restarts=3), pod(restarts=1)),
    ("created later first", pod(created="11:59:00"), pod(created="10:00:00")),
]


@pytest.mark.parametrize(("_rule", "first", "second"), RULES, ids=[rule[0] for rule in RULES])
def test_a_rule_decides_whatever_the_order_of_the_pods(_rule, first, second):
    assert deletion_order([first, second], [0, 0], NOW_NS) == [0, 1]
    assert deletion_order([second, first], [0, 0], NOW_NS) == [1, 0]


def test_a_crowded_node_gives_pods_up_first():
    crowded, lonely = pod("a", "n1"), pod("b", "n2")
    related = [pod("x", "n1"), pod("y", "n1"), lonely]

    assert choose_victims([lonely, crowded], related, 1, NOW_NS) == [crowded]


@pytest.mark.parametrize(
    ("text", "cost"),
    [("10", 10), ("-010", -10), ("010", 0), ("+1", 0), ("x", 0), ("2147483648", 0), ("", 0)],
)
def test_a_cost_that_is_no_canonical_int32_counts_as_zero(text, cost):
    assert deletion_cost(pod(cost=text)) == cost
