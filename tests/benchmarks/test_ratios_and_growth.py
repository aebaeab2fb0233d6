"""Benchmarks compare what is comparable: peers with ours at the same size, medians across sizes."""

import pytest

from benchmarks.harness import Measurement, Results, suites, with_ratios
from benchmarks.tables import comparison, growth_table, results_table, seconds

MACHINE = {"processor": "p", "cores": 2, "system": "s", "python": "3", "kernels": ["frozen"]}


def measured(function, median_s, count=None, group="fork"):
    parameters = {} if count is None else {"count": count}
    return Measurement("suite", group, function, parameters, median_s, 0.0, 3)


@pytest.fixture
def results():
    rows = [
        measured("fork", 1.0, 10),
        measured("fork", 2.0, 100),
        measured("copy", 5.0, 10),
        measured("copy", 80.0, 100),
        measured("only", 3.0, group="other"),
    ]
    return Results(MACHINE, tuple(with_ratios(rows)))


def test_a_peer_is_compared_with_ours_at_the_same_size(results):
    ratios = {one.name: one.ratio for one in results.measurements}

    assert ratios == {
        "fork[count=10]": 1.0,
        "fork[count=100]": 1.0,
        "copy[count=10]": 5.0,
        "copy[count=100]": 40.0,
        "only": 1.0,
    }


def test_growth_is_from_the_smallest_to_the_largest_size(results):
    growth = {row.function: (row.smallest, row.largest, row.factor) for row in results.growth()}

    assert growth == {"fork": (10, 100, 2.0), "copy": (10, 100, 16.0)}


def test_results_survive_a_file(results, tmp_path):
    path = tmp_path / "results.json"
    results.write(path)

    again = Results.read(path)

    assert again.measurements == results.measurements
    assert again.machine == MACHINE


def test_a_smaller_lead_is_a_regression(results):
    worse = Results(
        MACHINE,
        tuple(with_ratios([measured("fork", 2.0, 10), measured("copy", 5.0, 10)])),
    )

    text = comparison(worse, results)

    assert "ours is 2.00 times slower" in text
    assert "slower" not in comparison(results, results)


def test_tables_show_every_group(results):
    assert "suite: other" in results_table(results)
    assert "x16.00" in growth_table(results)


@pytest.mark.parametrize(
    ("duration_s", "text"), [(2.5, "2.5 s"), (0.0012, "1.2 ms"), (3e-6, "3 us"), (4e-9, "4 ns")]
)
def test_times_are_in_the_unit_that_suits(duration_s, text):
    assert seconds(duration_s) == text


def test_suites_are_found_by_part_of_their_name():
    assert "bench_fork" in [path.stem for path in suites("fork")]
    assert suites("no such suite") == []
