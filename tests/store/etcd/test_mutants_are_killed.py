"""The history checker finds every known way to fail, and nothing in a store that is right.

W15, a watch with a selector, is a matter of the API server's watches; see
`tests/apiserver/test_watch_mutant_is_killed.py`.
"""

import pytest

from kcore.testing.history.check import check_history
from tests.store.etcd.mutants import MUTANTS, Member
from tests.store.etcd.recording import Recorder

SEEDS_COUNT = 40
STEPS_COUNT = 200


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_killed_for_what_it_does(name: str) -> None:
    """By the first of a few histories that shows its fault."""
    mutant = MUTANTS[name]
    for seed in range(SEEDS_COUNT):
        violations = check_history(Recorder(mutant.member(), seed).run(STEPS_COUNT))
        if violations:
            assert mutant.kinds & {one.kind for one in violations}, violations[0]
            return
    pytest.fail(f"{name} survived {SEEDS_COUNT} histories")


@pytest.mark.parametrize("seed", range(15))
def test_a_correct_store_gives_lawful_histories(seed: int) -> None:
    """With concurrent clients, watches from past and future, and compactions."""
    assert check_history(Recorder(Member(), seed).run(STEPS_COUNT)) == []
