"""Pure: how many of an owner's pods there are, are labelled, ready, available and going.

Most reconciles find every pod where it was, and one of them a little further. So pods are not
counted one by one: each says once per version where it stands, and the cache adds standings up
run by run (`Lister.summaries`). A standing names everything about a pod that counting needs, and
pods of one template in one stage have the same. Only owners with something to adopt, to release,
to delete or to wait for look at the pods themselves.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from kcore.controllers.pod_condition import is_available, is_ready, is_terminal, is_terminating
from kcore.controllers.replica_set.plan import ReplicaCounts
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.identity_memo import once_per_object
from kcore.machinery.labels import Selector
from kcore.reconcile.ownership import controller_uid

PENDING: Final = "pending"
READY: Final = "ready"
GOING: Final = "going"
ENDED: Final = "ended"

# Versions of pods whose standing is remembered; each is asked for some ten times.
_KNOWN_COUNT_MAX: Final = 20_000


class Standing(NamedTuple):
    """Whose a pod is, what it is labelled, and how far it has come."""

    controller_uid: str
    labels: FrozenMap
    stage: str


@once_per_object(_KNOWN_COUNT_MAX)
def standing_of(pod: FrozenMap) -> Standing:
    """Where one version of a pod stands."""
    if is_terminal(pod):
        stage = ENDED
    elif is_terminating(pod):
        stage = GOING
    else:
        stage = READY if is_ready(pod) else PENDING
    return Standing(controller_uid(pod), pod.at("metadata", "labels", default=EMPTY_MAP), stage)


def tally(pods: Sequence[FrozenMap]) -> Mapping[Standing, int]:
    """How many pods stand where."""
    return Counter(map(standing_of, pods))


def count_by_standing(
    owner: FrozenMap, selector: Selector, tallies: Iterable[Mapping[Standing, int]]
) -> ReplicaCounts | None:
    """The counts of an owner without `minReadySeconds`, or None when it must release a pod."""
    uid = owner["metadata"]["uid"]
    wanted = _template_labels(owner)
    active = fully_labeled = ready = going = 0
    for standing, count in _sum(tallies).items():
        controller, labels, stage = standing
        if controller != uid or stage == ENDED:
            continue
        if not selector.matches(labels):
            if stage != GOING:
                return None
        elif stage == GOING:
            going += count
        else:
            active += count
            ready += count if stage == READY else 0
            fully_labeled += count if _includes(labels, wanted) else 0
    return ReplicaCounts(active, fully_labeled, ready, ready, going)


def count_pods(
    owner: FrozenMap, active: Sequence[FrozenMap], terminating: int | None, now_ns: int
) -> ReplicaCounts:
    """The counts of an owner whose active pods are these. O(pods)."""
    min_ready_s = owner.at("spec", "minReadySeconds", default=0)
    wanted = _template_labels(owner)
    return ReplicaCounts(
        len(active),
        sum(1 for pod in active if _includes(standing_of(pod).labels, wanted)),
        sum(1 for pod in active if standing_of(pod).stage == READY),
        sum(1 for pod in active if is_available(pod, min_ready_s, now_ns)),
        terminating,
    )


def _template_labels(owner: FrozenMap) -> FrozenMap:
    labels: FrozenMap = owner.at("spec", "template", "metadata", "labels", default=EMPTY_MAP)
    return labels


def _includes(labels: FrozenMap, wanted: FrozenMap) -> bool:
    return all(labels.get(key) == wanted[key] for key in wanted)


def _sum(tallies: Iterable[Mapping[Standing, int]]) -> Mapping[Standing, int]:
    total: dict[Standing, int] = {}
    for one in tallies:
        for standing, count in one.items():
            total[standing] = total.get(standing, 0) + count
    return total
