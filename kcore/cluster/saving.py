"""A cluster in a file: one header line, then the store's own format.

The header names the time, the seed and the nodes, so that a loaded cluster goes on from there.
Processes keep no memory across a save, as they keep none across a restart of the real thing:
they list, and carry on. A file is replaced whole or not at all.
"""

import io
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from kcore.cluster.saved_header import FORMAT, FORMAT_VERSION, SavedHeader
from kcore.cluster.world import World, build_world
from kcore.config import ClusterConfig
from kcore.errors import ManifestError
from kcore.kubelet.hollow_node import HollowNode
from kcore.machinery.frozen import dumps, freeze
from kcore.runtime.choice import SeededSource
from kcore.store import dump


def save_world(world: World, config: ClusterConfig, path: Path) -> None:
    """Write `world` to `path`, replacing what is there at once.

    Raises:
        OSError: the folder cannot be written.
    """
    header = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "seed": config.seed,
        "startNs": config.start_ns,
        "nowNs": world.clock.now_ns(),
        "digest": world.trace.digest,
        "nodes": [_node_row(node) for node in world.fleet.nodes],
    }
    content = io.BytesIO()
    content.write(dumps(freeze(header)) + b"\n")
    dump.save(world.store, content)
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_bytes(content.getvalue())
    os.replace(unfinished, path)


def load_world(path: Path) -> tuple[ClusterConfig, World]:
    """The world of a saved file.

    Raises:
        ManifestError: the file is missing, of another format, truncated or damaged.
    """
    try:
        content = io.BytesIO(path.read_bytes())
    except OSError as error:
        raise ManifestError(error.strerror or str(error), source=str(path)) from None
    header = SavedHeader(content.readline(), str(path))
    config, now_ns, stopped = header.config(), header.now_ns, header.stopped
    try:
        store = dump.load(content)
    except dump.DumpError as error:
        raise ManifestError(str(error), source=str(path)) from None
    world = build_world(replace(config, start_ns=now_ns), SeededSource(config.seed), store)
    for name in stopped:
        world.fleet.stop_node(name)
    return config, world


def _node_row(node: HollowNode) -> dict[str, Any]:
    registration = node.registration
    return {
        "name": node.name,
        "running": node.running,
        "zone": registration.zone,
        "labels": dict(registration.labels),
        "taints": [dict(taint) for taint in registration.taints],
        "shape": asdict(registration.shape),
    }
