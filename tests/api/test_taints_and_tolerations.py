"""Which toleration covers which taint, and how long a pod may stay."""

import pytest

from kcore.api.core_v1.taint import (
    add_or_update_toleration,
    find_untolerated,
    tolerates,
    toleration_seconds_min,
    used_tolerations,
)
from kcore.machinery.frozen import freeze

TAINT = freeze({"key": "gpu", "value": "yes", "effect": "NoSchedule"})


@pytest.mark.parametrize(
    ("toleration", "covered"),
    [
        ({"key": "gpu", "value": "yes"}, True),
        ({"key": "gpu", "operator": "Equal", "value": "no"}, False),
        ({"key": "gpu", "operator": "Exists"}, True),
        ({"operator": "Exists"}, True),
        ({"key": "gpu", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "cpu", "operator": "Exists"}, False),
        ({"key": "gpu", "operator": "Gt", "value": "1"}, False),
        ({}, False),
    ],
)
def test_a_toleration_covers_key_value_and_effect(toleration, covered):
    assert tolerates(freeze(toleration), TAINT) is covered


def test_numbers_compare_only_where_allowed_and_canonical():
    taint = freeze({"key": "sla", "value": "5", "effect": "NoSchedule"})
    more = freeze({"key": "sla", "operator": "Gt", "value": "4"})

    assert not tolerates(more, taint)
    assert tolerates(more, taint, comparison_operators=True)
    assert not tolerates(more.set("value", "04"), taint, comparison_operators=True)


def test_the_first_uncovered_taint_of_the_named_effects_is_found():
    soft = TAINT.set("effect", "PreferNoSchedule")

    assert find_untolerated([soft, TAINT], [], ("NoSchedule", "NoExecute")) == TAINT
    assert find_untolerated([soft], [], ("NoSchedule",)) is None
    assert find_untolerated(None, None) is None


def test_the_shortest_limit_of_the_used_tolerations_counts():
    brief = freeze({"key": "gpu", "operator": "Exists", "tolerationSeconds": 30})
    forever = freeze({"operator": "Exists"})

    assert used_tolerations([TAINT], []) is None
    assert used_tolerations([TAINT], [brief, forever]) == [brief]
    assert toleration_seconds_min([brief, forever]) == 30
    assert toleration_seconds_min([forever]) is None
    assert toleration_seconds_min([brief.set("tolerationSeconds", -5)]) == 0
    assert toleration_seconds_min([]) == 0


def test_a_toleration_replaces_its_like_and_is_appended_otherwise():
    old = freeze({"key": "a", "operator": "Exists"})
    new = old.set("tolerationSeconds", 5)

    assert add_or_update_toleration([old], new) == [new]
    assert add_or_update_toleration([old], TAINT) == [old, TAINT]
