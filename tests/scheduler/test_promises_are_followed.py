"""Who reads the changes of a nominator knows its promises without reading all of them."""

from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.scheduler import nominator as nominators
from kcore.scheduler.nominator import Nominator
from kcore.scheduler.pod_info import PodInfo

NODES = ("n0", "n1", "n2")


def pod(number):
    return PodInfo(
        freeze({"metadata": {"name": f"p{number}", "namespace": "d", "uid": f"u{number}"}})
    )


class Follower:
    """Reads nodes that changed, and everything when it missed changes."""

    def __init__(self):
        self.seen = -1
        self.by_node = {}

    def follow(self, nominator):
        changed = nominator.changed_since(self.seen)
        if changed is None:
            changed = (*self.by_node, *nominator.by_node)
        self.seen = nominator.change_count
        for name in changed:
            self.by_node[name] = nominator.pods_on(name)
            if not self.by_node[name]:
                del self.by_node[name]


steps = st.one_of(
    st.tuples(st.just("nominate"), st.integers(0, 4), st.sampled_from(NODES)),
    st.tuples(st.just("forget"), st.integers(0, 4), st.none()),
    st.tuples(st.just("forget node"), st.none(), st.sampled_from(NODES)),
    st.tuples(st.just("clear"), st.none(), st.none()),
    st.tuples(st.just("fork"), st.none(), st.none()),
    st.tuples(st.just("follow"), st.none(), st.none()),
)


@given(steps=st.lists(steps, max_size=30))
def test_any_history(steps):
    nominator, follower = Nominator(), Follower()
    for kind, number, name in steps:
        if kind == "nominate":
            nominator.nominate(pod(number), name)
        elif kind == "forget":
            nominator.forget(f"u{number}")
        elif kind == "forget node":
            nominator.forget_node(name)
        elif kind == "clear":
            nominator.clear()
        elif kind == "fork":
            nominator = nominator.fork(None)
        else:
            follower.follow(nominator)
            assert follower.by_node == nominator.by_node
        nominator.check_invariants()


def test_old_changes_are_forgotten_and_whoever_missed_them_reads_everything():
    nominator, follower = Nominator(), Follower()
    for _ in range(nominators.CHANGES_COUNT_MIN):
        nominator.nominate(pod(1), "n0")
        nominator.nominate(pod(1), "n1")

    assert nominator.changed_since(0) is None
    follower.follow(nominator)
    assert follower.by_node == {"n1": nominator.pods_on("n1")}
