"""A clone tests itself: a sample of upstream's recorded answers is part of the repository."""

import pytest

from tests.conformance import records, runner
from tests.conformance.fidelity import read_deviations
from tests.conformance.sampling import SAMPLE


@pytest.mark.parametrize("family", records.families(SAMPLE))
def test_the_sample_of_a_family_agrees(family, repository):
    deviations = read_deviations(repository / "docs/reference/fidelity.md")
    report = runner.run(SAMPLE, [family])

    assert report[family]
    assert runner.failures(report, deviations) == []
