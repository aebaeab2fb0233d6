"""Which nodes a pod demands and prefers."""

import pytest

from kcore.api.core_v1.affinity import (
    preferred_node_affinity,
    required_node_affinity,
    required_node_affinity_matches,
    topology_terms_match,
)
from kcore.machinery.frozen import EMPTY_LIST, freeze
from kcore.machinery.labels import SelectorError

NODE = freeze({"metadata": {"name": "n1", "labels": {"zone": "a", "cpu": "8"}}})


def pod_demanding(*terms, node_selector=None):
    affinity = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    spec = {"affinity": {"nodeAffinity": affinity}}
    return freeze({"spec": {**spec, "nodeSelector": node_selector}})


def expression(key, operator, *values):
    return {"key": key, "operator": operator, "values": list(values)}


@pytest.mark.parametrize(
    ("terms", "matches"),
    [
        ([{"matchExpressions": [expression("zone", "In", "a", "b")]}], True),
        ([{"matchExpressions": [expression("zone", "In", "b")]}], False),
        ([{"matchExpressions": [expression("cpu", "Gt", "4")]}], True),
        ([{"matchFields": [expression("metadata.name", "In", "n1")]}], True),
        ([{"matchFields": [expression("metadata.name", "NotIn", "n1")]}], False),
        ([{}], False),
        ([], False),
        ([{}, {"matchExpressions": [expression("zone", "Exists")]}], True),
    ],
)
def test_one_term_that_agrees_is_enough(terms, matches):
    assert required_node_affinity_matches(pod_demanding(*terms), NODE) is matches


def test_the_plain_selector_must_hold_too():
    term = {"matchExpressions": [expression("zone", "Exists")]}

    assert required_node_affinity_matches(pod_demanding(term, node_selector={"cpu": "8"}), NODE)
    assert not required_node_affinity_matches(pod_demanding(term, node_selector={"x": ""}), NODE)
    assert required_node_affinity_matches(freeze({"spec": {}}), NODE)


def test_a_bad_term_matches_nothing_and_says_why():
    bad = {"matchFields": [expression("metadata.name", "In")]}
    good = {"matchExpressions": [expression("zone", "Exists")]}
    affinity = required_node_affinity(pod_demanding(bad, good))

    assert affinity.matches(NODE)
    assert affinity.errors().message() == (
        "nodeSelectorTerms[0].matchFields[0].values: Invalid value: []: must have one element"
    )
    assert not required_node_affinity_matches(pod_demanding(bad), NODE)


def pod_preferring(*terms):
    affinity = {"preferredDuringSchedulingIgnoredDuringExecution": terms}
    return freeze({"spec": {"affinity": {"nodeAffinity": affinity}}})


def test_preferences_add_up():
    zone = {"matchExpressions": [expression("zone", "In", "a")]}
    name = {"matchFields": [expression("metadata.name", "In", "n2")]}
    pod = pod_preferring(
        {"weight": 10, "preference": zone},
        {"weight": 5, "preference": zone},
        {"weight": 100, "preference": name},
        {"weight": 50, "preference": {}},
    )

    assert preferred_node_affinity(pod).score(NODE) == 15


def test_a_bad_preference_is_refused_at_once():
    bad = {"weight": 1, "preference": {"matchExpressions": [expression("zone", "Near")]}}

    with pytest.raises(SelectorError, match=r"\[0\]\.matchExpressions\[0\]\.operator"):
        preferred_node_affinity(pod_preferring(bad))


def test_topology_terms_allow_all_when_absent_and_skip_what_they_cannot_read():
    term = freeze([{"matchLabelExpressions": [{"key": "zone", "values": ["a"]}]}])
    labels = freeze({"zone": "a"})

    assert topology_terms_match(EMPTY_LIST, labels)
    assert topology_terms_match(term, labels)
    assert not topology_terms_match(freeze([{}]), labels)
    assert not topology_terms_match(freeze([{"matchLabelExpressions": [{"key": "zone"}]}]), labels)
