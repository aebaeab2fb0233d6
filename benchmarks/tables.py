"""Results as text: what was measured, how it compares, how it grows, what became worse."""

from benchmarks.harness import Results
from kcore.printing.table import aligned

REGRESSION_RATIO = 1.10
"""More than a tenth slower, relative to the peer, wants an explanation."""


def seconds(duration_s: float) -> str:
    """`1.23 ms`: three digits in the unit that suits."""
    for unit, size_s in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if duration_s >= size_s:
            return f"{duration_s / size_s:.3g} {unit}"
    return f"{duration_s / 1e-9:.3g} ns"


def headline(results: Results) -> str:
    """The machine and the kernels, in one line."""
    facts = results.machine
    kernels = ", ".join(facts["kernels"]) or "none (pure Python)"
    return (
        f"\n{facts['processor']}, {facts['cores']} cores, {facts['system']}, "
        f"Python {facts['python']}; compiled kernels: {kernels}\n"
    )


def results_table(results: Results) -> str:
    """One block per group: ours first, then its peers with how many times longer they take."""
    blocks = []
    groups = dict.fromkeys((one.suite, one.group) for one in results.measurements)
    for suite, group in groups:
        rows = [["", "MEDIAN", "SPREAD", "ROUNDS", "RATIO"]]
        rows += [
            [
                one.name,
                seconds(one.median_s),
                seconds(one.spread_s),
                str(one.rounds),
                "" if one.ratio is None else f"{one.ratio:.2f}",
            ]
            for one in results.measurements
            if (one.suite, one.group) == (suite, group)
        ]
        blocks.append(f"{suite}: {group}\n{aligned(rows)}")
    return "\n\n".join(blocks)


def growth_table(results: Results) -> str:
    """How medians grow from the smallest to the largest size."""
    rows = [
        [
            f"{row.group}: {row.function}",
            f"x{row.largest // row.smallest}",
            f"x{row.factor:.2f}",
        ]
        for row in results.growth()
    ]
    return "\n" + aligned([["GROWTH", "SIZE", "TIME"], *rows]) if rows else ""


def comparison(results: Results, baseline: Results) -> str:
    """What changed against a baseline: by ratio to the peer, since machines differ."""
    before = {one.key: one for one in baseline.measurements}
    rows = [["AGAINST THE BASELINE", "THEN", "NOW", ""]]
    for one in results.measurements:
        old = before.get(one.key)
        if old is None or old.ratio in {None, 1.0} or one.ratio is None:
            continue
        # A peer's ratio says how much faster ours is; when it falls, ours became slower.
        slower = old.ratio / one.ratio
        verdict = f"ours is {slower:.2f} times slower" if slower > REGRESSION_RATIO else ""
        rows.append([f"{one.group}: {one.name}", f"{old.ratio:.2f}", f"{one.ratio:.2f}", verdict])
    return "\n" + aligned(rows)
