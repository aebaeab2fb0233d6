"""What every test shares: the Hypothesis profiles, and which tests run by default.

`ci` (the default) draws the same examples every time, so a failure is the change's and not the
day's. `deep` draws many fresh ones; `make test-deep` chooses it.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")

settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "deep",
    max_examples=5_000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(PROFILE)


def pytest_collection_modifyitems(config, items):
    """Leave out `deep` tests unless the deep profile was asked for."""
    if PROFILE == "deep":
        return
    deep = [item for item in items if item.get_closest_marker("deep")]
    if deep:
        config.hook.pytest_deselected(items=deep)
        items[:] = [item for item in items if not item.get_closest_marker("deep")]


@pytest.fixture(scope="session")
def repository(pytestconfig):
    """The root folder of the repository."""
    return pytestconfig.rootpath
