"""Fields behind a gate that is off are dropped, unless the stored object has them already."""

from kcore.api.catalog import default_scheme
from kcore.apiserver.endpoint import build_endpoint
from kcore.machinery.frozen import freeze

ENDPOINT = build_endpoint(default_scheme().by_kind("coordination.k8s.io/v1", "Lease"))


def lease(**spec):
    return freeze({"metadata": {"name": "l"}, "spec": {"holderIdentity": "h", **spec}})


def test_a_new_lease_has_no_strategy():
    born = ENDPOINT.strategy.born(lease(strategy="Some", preferredHolder="x"), None)

    assert dict(born.spec) == {"holderIdentity": "h"}


def test_a_lease_that_has_a_strategy_can_change_it():
    updated = ENDPOINT.strategy.updated(lease(strategy="b"), lease(strategy="a"), None)

    assert updated.spec.strategy == "b"


def test_a_lease_without_a_strategy_gets_none():
    updated = ENDPOINT.strategy.updated(lease(strategy="b"), lease(), None)

    assert "strategy" not in updated.spec
