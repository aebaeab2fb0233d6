"""Ten million random operations on the compiled tree, each followed by a check of everything.

Without shrinking, so thousands of times as many as Hypothesis makes (20,000 outside `test-deep`).
"""

import pytest
from hypothesis import settings

from kcore.runtime.choice import SeededSource

IS_DEEP = settings.get_current_profile_name() == "deep"
OPERATIONS_COUNT = 10_000_000 if IS_DEEP else 20_000
WORLD_OPERATIONS_COUNT = 2_000
COPIES_COUNT_MAX = 6
SHAPES = (
    lambda number: f"ns-{number % 3}/pod-{number:04d}",
    lambda number: f"team-{number % 7}/web-{number % 11}-of-a-long-name-{number:05d}",
    lambda number: "x" * (number % 130) + str(number),
    lambda number: "p" * 110 + f"{number % 7}\0{number}",
    lambda number: "é" * (number % 40) + chr(0x20 + number) + "\U0001f600" * (number % 3),
)


class Campaign:
    """Copies of copies of one tree, each beside its dict."""

    def __init__(self, kernel, seed):
        self.source = SeededSource(seed)
        self.shape = SHAPES[seed % len(SHAPES)]
        self.keys_count = (20, 150, 700)[self.choose(3)]
        self.pairs = [(kernel.BTree(), {})]

    def choose(self, count):
        return self.source.choose(count, "tree")

    def key(self):
        return self.shape(self.choose(self.keys_count))

    def step(self, number):
        place, choice = self.choose(len(self.pairs)), self.choose(20)
        tree, model = self.pairs[place]
        if choice < 9:
            key = self.key()
            assert tree.set(key, number) == model.get(key)
            model[key] = number
        elif choice < 16:
            key = self.key()
            if key in model:
                assert tree.pop(key) == model.pop(key)
            assert tree.get(key) is None
        elif choice == 16:
            start, end = sorted((self.key(), self.key()))
            assert tree.count(start, end) == sum(start <= key < end for key in model)
        elif choice == 17 and len(self.pairs) > 1:
            del self.pairs[place]
        else:
            self.copy(tree, model)
        tree.check_invariants()

    def copy(self, tree, model):
        if len(self.pairs) == COPIES_COUNT_MAX:
            del self.pairs[self.choose(COPIES_COUNT_MAX)]
        self.pairs.append((tree.copy(), dict(model)))

    def finish(self):
        for tree, model in self.pairs:
            tree.check_invariants()
            assert list(tree.items()) == sorted(model.items())


def run(kernel, operations_count):
    before = kernel._live()
    for seed in range(operations_count // WORLD_OPERATIONS_COUNT):
        campaign = Campaign(kernel, seed)
        for number in range(WORLD_OPERATIONS_COUNT):
            campaign.step(number)
        campaign.finish()
    del campaign
    assert kernel._live() == before


def test_many_operations(compiled_btree):
    run(compiled_btree, OPERATIONS_COUNT)


@pytest.mark.parametrize("variant", ["avx512f", "avx2", "portable"])
def test_searches_for_every_processor(compiled_btree, variant):
    if not compiled_btree._use_rank(variant):
        pytest.skip(f"this processor has no {variant}")
    try:
        run(compiled_btree, OPERATIONS_COUNT // 5)
    finally:
        assert any(map(compiled_btree._use_rank, ["avx512f", "avx2", "portable"]))
