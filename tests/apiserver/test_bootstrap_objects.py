"""What a fresh server holds, and that asking twice changes nothing."""

import pytest

from kcore.apiserver.bootstrap import bootstrap


def test_a_fresh_server(door):
    assert door.names("namespaces") == ["default", "kube-node-lease", "kube-public", "kube-system"]
    assert door.names("priorityclasses.scheduling.k8s.io") == [
        "system-cluster-critical",
        "system-node-critical",
    ]
    assert door.names("services") == ["kubernetes"]
    assert door.names("serviceaccounts", namespace="") == []


def test_it_is_idempotent(door):
    before = door.store.revision

    bootstrap(door.server)

    assert door.store.revision == before


def test_its_invariants_hold_and_can_be_broken(door, make):
    door.server.check_invariants()

    created = door.create("configmaps", make.config_map("a"))
    door.store.put("configmaps", "default/b", created)

    with pytest.raises(AssertionError):
        door.server.check_invariants()
