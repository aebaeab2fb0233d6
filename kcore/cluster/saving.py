"""A cluster in a file: one header line, then the store's own format.

The header names the time, the seed and the nodes, so that a loaded cluster goes on from there.
Processes keep no memory across a save, as they keep none across a restart of the real thing:
they list, and carry on. A file is replaced whole or not at all.
"""

import io
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from kcore.cluster.world import World, build_world
from kcore.config import ClusterConfig, NodeSpec
from kcore.errors import ManifestError
from kcore.kubelet.hollow_node import HollowNode
from kcore.kubelet.node_shapes import NodeShape
from kcore.machinery.frozen import FrozenMap, JSONError, dumps, freeze, loads, thaw
from kcore.runtime.choice import SeededSource
from kcore.store import dump

FORMAT: Final = "kcore-cluster"
FORMAT_VERSION: Final = 1


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
    header = _header(content.readline(), path)
    try:
        store = dump.load(content)
    except dump.DumpError as error:
        raise ManifestError(str(error), source=str(path)) from None
    nodes = tuple(_node_spec(row) for row in header["nodes"])
    config = ClusterConfig(nodes, seed=header["seed"], start_ns=header["startNs"])
    running = replace(config, start_ns=header["nowNs"])
    world = build_world(running, SeededSource(config.seed), store)
    for row in header["nodes"]:
        if not row["running"]:
            world.fleet.stop_node(row["name"])
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


def _node_spec(row: FrozenMap) -> NodeSpec:
    plain = thaw(row)
    shape = NodeShape(**plain["shape"])
    return NodeSpec(plain["name"], shape, plain["zone"], plain["labels"], plain["taints"])


def _header(line: bytes, path: Path) -> FrozenMap:
    try:
        header = loads(line)
    except JSONError as error:
        raise ManifestError(f"not a saved cluster: {error}", source=str(path), line=1) from None
    if not isinstance(header, FrozenMap) or header.get("format") != FORMAT:
        raise ManifestError("not a saved cluster", source=str(path), line=1)
    if header.get("version") != FORMAT_VERSION:
        rule = f"saved by format version {header.get('version')}, this is {FORMAT_VERSION}"
        raise ManifestError(rule, source=str(path), line=1)
    return header
