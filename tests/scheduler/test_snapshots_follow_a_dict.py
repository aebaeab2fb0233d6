"""A snapshot against a dict and a list: whoever is replaced, forgotten or copied when."""

from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.snapshot import Snapshot

NAMES = tuple("abcdef")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("replace", "replace", "reorder", "keep", "copy")),
        st.permutations(NAMES),
        st.integers(0, len(NAMES)),
    ),
    max_size=30,
)


def node(name):
    return NodeInfo(freeze({"metadata": {"name": name}}))


def check(snapshot, known, order):
    snapshot.check_invariants()
    assert list(snapshot.nodes) == [known[name] for name in order]
    assert snapshot.known_count == len(known)
    for name in NAMES:
        assert snapshot.get(name) is known.get(name)
        assert snapshot.position(name) == (order.index(name) if name in order else None)
        found = [known[name]] if name in known else []
        assert snapshot.among(frozenset((name,))) == found


@given(STEPS)
def test_every_snapshot_is_the_dict_it_was_made_as(steps):
    snapshot, known, order = Snapshot(), {}, []
    kept, stamps = [], {}
    for step, names, count in steps:
        # Whoever sees the same stamp again sees the same nodes.
        assert stamps.setdefault(snapshot.stamp, (known, order)) == (known, order)
        if step == "replace":
            info = node(names[0])
            assert snapshot.replace(info) == (info.name not in known)
            known = {**known, info.name: info}
        elif step == "copy":
            kept.append((snapshot, known, order))
            snapshot = snapshot.copy()
        else:
            if step == "keep":
                # Without an order until there is a new one.
                known = {name: info for name, info in known.items() if name in names[:count]}
                snapshot.keep_only(dict.fromkeys(names[:count]))
            order = [name for name in names[count // 2 :] if name in known]
            snapshot.reorder(names[count // 2 :])
        check(snapshot, known, order)
    for one in kept:
        check(*one)
