"""What a fresh server holds, and that asking twice changes nothing."""

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
