"""Memory that nodes fill is put into huge pages while trees in it are read and written."""

COUNT = 450_000  # Some 20 MB of nodes: several regions and the ends of others.


def key_of(number):
    return f"ns-{number // 500:05d}/pod-{number:08d}"


def test_a_tree_that_fills_regions_keeps_its_content(compiled_btree):
    settled = compiled_btree._regions()
    model = {key_of(number): number for number in range(COUNT)}
    tree, copies = compiled_btree.BTree.load(model.items()), []
    for number in range(0, COUNT, 11):
        key = f"{key_of(number * 7_919 % COUNT)}{'' if number % 2 else '-new'}"
        tree.set(key, -number)
        model[key] = -number
        if number % 220_000 == 0:
            copies.append((tree.copy(), dict(model)))

    assert compiled_btree._regions() >= settled  # The system may refuse.
    for some, wanted in [(tree, model), *copies]:
        some.check_invariants()
        assert list(some.items()) == sorted(wanted.items())


def test_what_comes_and_goes_is_told_without_end(compiled_btree):
    live = compiled_btree._live()
    for _ in range(4):
        tree = compiled_btree.BTree.load((key_of(number), number) for number in range(60_000))
        for number in range(0, 60_000, 7):
            assert tree.pop(key_of(number)) == number
        tree.check_invariants()
        del tree
    assert compiled_btree._live() == live
