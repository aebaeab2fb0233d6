"""What the tree accepts and refuses, the same compiled and in Python."""

import pytest


class Text(str):
    """A str that is not exact."""

    __slots__ = ()


def filled(kernel):
    return kernel.BTree.load((f"{number:04d}", number) for number in range(500))


def test_an_empty_tree(btree):
    tree = btree.BTree()
    assert len(tree) == tree.count() == 0
    assert list(tree.items()) == tree.page() == list(tree.runs()) == []
    assert tree.get("a") is None
    assert tree.get("a", 7) == 7
    tree.check_invariants()
    with pytest.raises(KeyError, match="'a'"):
        tree.pop("a")


def test_ranges_of_nothing(btree):
    tree = filled(btree)
    for start, end in (("0300", "0200"), ("0300", "0300"), ("0300x", "0300y"), ("9", "")):
        for back in (False, True):
            assert list(tree.items(start, end, reverse=back)) == []
            assert tree.page(start, end, 5, reverse=back) == []
        assert tree.count(start, end) == 0
        assert list(tree.runs(start, end)) == []


def test_bounds_by_name(btree):
    tree = filled(btree)
    assert list(tree.values(start="0498")) == [498, 499]
    assert list(tree.values(end="0002", reverse=True)) == [1, 0]
    assert tree.page(limit=2, start="0007") == [7, 8]


def test_a_run_stays_while_nothing_in_it_changes(btree):
    tree = filled(btree)
    first = [(id(run), low, high) for run, low, high in tree.copy().runs("0100", "0400")]
    kept = [run for run, _, _ in tree.copy().runs("0100", "0400")]
    tree.set("0001", -1)
    again = [(id(run), low, high) for run, low, high in tree.copy().runs("0100", "0400")]
    assert again[1:] == first[1:]
    tree.set("0250", -1)
    changed = [run for run, _, _ in tree.copy().runs("0100", "0400")]
    assert sum(one is not other for one, other in zip(kept, changed, strict=True)) in {1, 2}
    assert all(-1 not in run for run in kept)


def test_keys_of_a_subclass_of_str(btree):
    tree = btree.BTree()
    tree.set(Text("b"), 1)
    assert tree.set("b", 2) == 1
    assert tree.get(Text("b")) == 2
    assert tree.pop(Text("b")) == 2


@pytest.mark.parametrize("key", [None, 1, b"a", ("a",)])
def test_keys_are_texts(compiled_btree, key):
    tree = filled(compiled_btree)
    for attempt in (
        lambda: tree.get(key),
        lambda: tree.set(key, 1),
        lambda: tree.pop(key),
        lambda: tree.items(key),
        lambda: tree.count("", key),
        lambda: compiled_btree.BTree.load([(key, 1)]),
    ):
        with pytest.raises(TypeError, match="keys are str"):
            attempt()


def test_wrong_calls(compiled_btree):
    tree = filled(compiled_btree)
    for attempt in (
        tree.get,
        lambda: tree.set("a"),
        lambda: tree.items("a", "b", "c"),
        lambda: tree.items(limit=1),
        lambda: tree.page("a", "b", "c"),
        lambda: compiled_btree.BTree(1),
        lambda: compiled_btree.BTree.load(1),
    ):
        with pytest.raises(TypeError):
            attempt()


@pytest.mark.parametrize("pairs", [[("b", 1), ("a", 2)], [("a", 1), ("a", 2)]])
def test_a_load_must_ascend(btree, pairs):
    with pytest.raises(ValueError, match="does not follow"):
        btree.BTree.load(pairs)


def test_a_load_wants_pairs(btree):
    with pytest.raises(ValueError, match=r"pairs|too many"):
        btree.BTree.load([("a", 1, 2)])
    with pytest.raises(ZeroDivisionError):
        btree.BTree.load((str(number), 1 // number) for number in (1, 0))


def test_a_load_leaves_a_tree_like_any_other(btree):
    for count in (0, 1, 63, 64, 65, 4_096, 5_000):
        tree = btree.BTree.load((f"{number:05d}", number) for number in range(count))
        tree.check_invariants()
        assert list(tree.values()) == list(range(count))
        for number in range(0, count, 3):
            tree.pop(f"{number:05d}")
        tree.check_invariants()


def test_counts_of_subtrees_follow_every_change(btree):
    tree = filled(btree)
    for number in range(0, 500, 7):
        tree.pop(f"{number:04d}")
        tree.set(f"{number:04d}x", 0)
    keys = [key for key, _ in tree.items()]
    for low in range(0, 500, 50):
        for high in range(low, 500, 70):
            assert tree.count(keys[low], keys[high]) == high - low


@pytest.mark.parametrize("count", [64, 4_096])
def test_a_key_at_every_place_of_full_nodes(btree, count):
    full = btree.BTree.load((f"{number:05d}", number) for number in range(count))
    for place in range(0, count + 1, max(count // 128, 1)):
        tree = full.copy()
        key = f"{place - 1:05d}x" if place else "0000"
        tree.set(key, -1)
        tree.check_invariants()
        assert tree.count("", key) == place
        assert tree.get(key) == -1


def test_keys_of_nothing_but_nul(btree):
    """Their heads are the smallest there are, as that of an inner node's first child."""
    tree = btree.BTree()
    keys = ["k" + "\0" * 9 + f"{number:04d}" for number in range(700)]
    keys += ["k" + "\0" * number for number in range(400)]
    keys += [f"kz{number:04d}" for number in range(700)]
    for place in range(len(keys)):
        key = keys[place * 7 % len(keys)]
        tree.set(key, key)
    tree.check_invariants()
    assert list(tree.values()) == sorted(set(keys))
    assert all(tree.get(key) == key for key in keys)


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 111, 112, 113, 200])
@pytest.mark.parametrize("letter", ["a", "é", "\ud800"])
def test_keys_of_any_length_and_kind_are_found(btree, length, letter):
    tree = btree.BTree()
    keys = [letter * length + f"{number:03}" for number in range(300)]
    for key in keys:
        tree.set(Text(key), key)
    for key in keys:
        assert tree.get(key) == tree.get(Text(key)) == key
        assert tree.get(key + "x") is tree.get(Text(key[:-1])) is None
    tree.check_invariants()
    for key in keys[::2]:
        assert tree.pop(Text(key)) == key
    assert list(tree.values()) == keys[1::2]
    tree.check_invariants()


@pytest.mark.parametrize("prefix", ["abcdefghij"[:length] for length in range(10)])
def test_keys_that_leave_the_prefix_at_any_place(btree, prefix):
    """Each key beside the common prefix goes to an end of the node."""
    keys = [f"{prefix}{number:05d}" for number in range(0, 1_000, 2)]
    tree = btree.BTree.load((key, key) for key in keys)
    for place in range(len(prefix)):
        for letter in "\0Z~":
            other = prefix[:place] + letter + prefix[place + 1 :]
            for key in (other, other + "00501", other[: place + 1]):
                assert tree.get(key) is None
                assert tree.count("", key) == (len(keys) if key > prefix + "~" else 0)


@pytest.mark.parametrize("group_count", [1, 3, 40])
def test_heads_that_tie(btree, group_count):
    """Groups of keys that differ behind their first word, in one leaf and in many."""
    keys = [f"{number % group_count:02d}-same-so-far-{number:05d}" for number in range(900)]
    tree, model = btree.BTree(), {}
    for place in range(len(keys)):
        key = keys[place * 7 % len(keys)]
        assert tree.get(key) is None
        assert tree.count("", key) == sum(other < key for other in model)
        tree.set(key, place)
        model[key] = place
    tree.check_invariants()
    assert list(tree.items()) == sorted(model.items())
