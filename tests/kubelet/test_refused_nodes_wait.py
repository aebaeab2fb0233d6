"""A node that the API refuses is registered again later, not at once and for ever."""

import kcore
from kcore.config import NodeSpec


def test_a_node_with_a_bad_label_does_not_stop_time():
    cluster = kcore.Cluster([NodeSpec("bad", zone="no/zone/this"), "good"])
    cluster.run_for("5s")
    assert [node.metadata.name for node in cluster.client.list("nodes")] == ["good"]
