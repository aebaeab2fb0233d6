"""The pods of a node, whoever reads when: the same as a list that is copied at each change."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.errors import InvariantError
from kcore.machinery.frozen import freeze
from kcore.scheduler.node_pods import node_pods
from kcore.scheduler.pod_info import PodInfo


def pod(number, version=0):
    metadata = {"name": f"p{number}", "namespace": "ns", "uid": f"u{number}"}
    return PodInfo(freeze({"metadata": {**metadata, "labels": {"version": str(version)}}}))


def is_even(info):
    return int(info.labels["version"]) % 2 == 0


def without(pods, gone):
    """The slow model: the last pod moves into the gap."""
    place = pods.index(gone)
    left = [*pods[:place], pods[-1], *pods[place + 1 : -1]]
    return left if place < len(pods) - 1 else pods[:-1]


def net(changes):
    """Changes without what came and left again."""
    found = {}
    for info, amount in changes:
        found[info] = found.get(info, 0) + amount
    return {info: amount for info, amount in found.items() if amount}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["plus", "plus", "plus", "minus", "renew", "read", "count", "return"]),
        st.integers(0, 1_000),
    ),
    max_size=60,
)


@settings(max_examples=200)
@given(STEPS)
def test_every_version_is_the_list_it_was_made_as(steps):
    versions = [(node_pods(), [])]
    for number, (step, choice) in enumerate(steps):
        held, model = versions[-1]
        chosen = model[choice % len(model)] if model else None
        if step == "plus" or chosen is None:
            came = pod(number, number)
            versions.append((held.plus(came), [*model, came]))
        elif step == "minus":
            versions.append((held.minus(chosen), without(model, chosen)))
        elif step == "renew":
            newer = pod(chosen.uid[1:], number)
            versions.append((held.renewed(chosen, newer), [*without(model, chosen), newer]))
        elif step == "read":
            assert list(held.read()) == model
        elif step == "count":
            assert held.count("even", is_even) == sum(map(is_even, model))
        else:
            versions.append(versions[choice % len(versions)])
    last, last_model = versions[-1]
    for held, model in versions:
        assert len(held) == len(model)
        expected = net([*((one, 1) for one in last_model), *((one, -1) for one in model)])
        assert net(last.changes_since(held)) == expected
        move = last.move_since(held)
        if move is not None:
            pairs = zip(move, (-1, 1), strict=True)
            assert net([(one, amount) for one, amount in pairs if one is not None]) == expected
    for held, model in versions:
        assert held.count("even", is_even) == sum(map(is_even, model))
        assert list(held) == model


def test_a_pod_that_is_not_there_is_found_out():
    held = node_pods([pod(1), pod(2)])

    with pytest.raises(InvariantError, match="left a node where it was not"):
        held.minus(pod(3)).read()
    with pytest.raises(InvariantError, match="left a node where it was not"):
        held.plus(pod(4)).plus(pod(5)).plus(pod(6)).plus(pod(7)).minus(pod(3)).read()
