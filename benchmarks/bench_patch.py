"""Patches beside what a plain Python program does: deep copies of dicts, merged by hand.

The object is a Deployment of about 6 KB with three managers. Ours stands first in each group; the
peers hold the same content in the same run.
"""

import copy
from typing import Any

import pytest

from kcore.api.catalog import default_scheme
from kcore.apiserver.endpoint import build_endpoint
from kcore.apiserver.field_management import build_field_manager
from kcore.machinery.frozen import FrozenMap, dumps, freeze, thaw
from kcore.machinery.patch.strategic import apply_strategic_patch

NOW = "2024-05-01T12:00:00Z"
LATER = "2024-05-01T12:00:10Z"
CONTAINERS_COUNT = 4
ENVIRONMENT_COUNT = 5


def container(number: int, image: str) -> dict[str, Any]:
    """One container of the Deployment."""
    return {
        "name": f"c{number}",
        "image": image,
        "ports": [{"containerPort": 8080 + number, "protocol": "TCP", "name": f"p{number}"}],
        "env": [{"name": f"NAME_{n}", "value": f"value-{n}"} for n in range(ENVIRONMENT_COUNT)],
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "1"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 5},
    }


def manifest(image: str = "registry.example/web:v1") -> dict[str, Any]:
    """What the first manager applies."""
    labels = {"app": "web"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default", "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [container(n, image) for n in range(CONTAINERS_COUNT)]},
            },
        },
    }


def piece(**fields: Any) -> FrozenMap:
    """What another manager applies: a few fields of the same object."""
    metadata = {"name": "web", "namespace": "default"}
    own = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata}
    return freeze({**own, **fields})


@pytest.fixture(scope="module")
def manager() -> Any:
    """The field manager of Deployments."""
    info = default_scheme().by_group_resource("apps", "deployments")
    assert info is not None
    return build_field_manager(build_endpoint(info), "")


def unchanged(value: FrozenMap) -> FrozenMap:
    """Decoding and defaulting are measured elsewhere."""
    return value


@pytest.fixture(scope="module")
def live(manager: Any) -> FrozenMap:
    """The object with three managers."""
    born = manager.empty
    config = freeze(manifest())
    live = manager.apply(born, config, "gitops", NOW, unchanged, force=False)
    scale = piece(spec={"replicas": 3})
    live = manager.apply(live, scale, "autoscaler", NOW, unchanged, force=False)
    notes = piece(metadata={"name": "web", "namespace": "default", "annotations": {"a": "b"}})
    live = manager.apply(live, notes, "notes", NOW, unchanged, force=False)
    assert len(live.at("metadata", "managedFields")) == 3
    assert len(dumps(live)) > 5_000
    return live


def merged(left: Any, right: Any) -> Any:
    """A deep-copying merge of maps, and of lists by name: what scripts do instead."""
    if isinstance(left, dict) and isinstance(right, dict):
        out = copy.deepcopy(left)
        for key, value in right.items():
            out[key] = merged(left[key], value) if key in left else copy.deepcopy(value)
        return out
    if isinstance(left, list) and isinstance(right, list) and all("name" in row for row in right):
        known = {row.get("name"): row for row in left}
        for row in right:
            name = row["name"]
            known[name] = merged(known[name], row) if name in known else copy.deepcopy(row)
        return copy.deepcopy(list(known.values()))
    return copy.deepcopy(right)


@pytest.mark.benchmark(group="apply that changes an image")
def test_apply_new_image(benchmark: Any, manager: Any, live: FrozenMap) -> None:
    """Merge, ownership, conflicts, pruning, managedFields; a new image every time."""
    turn = iter(range(10**9))

    def fresh() -> tuple[tuple[Any, ...], dict[str, Any]]:
        config = freeze(manifest(f"registry.example/web:v{next(turn)}-new"))
        return (live, config, "gitops", LATER, unchanged), {"force": False}

    benchmark.pedantic(manager.apply, setup=fresh, rounds=200)


@pytest.mark.benchmark(group="apply that changes an image")
def test_deep_copy_new_image(benchmark: Any, live: FrozenMap) -> None:
    """The merge alone, without owners or conflicts."""
    before, config = thaw(live), manifest("registry.example/web:v2")
    benchmark(merged, before, config)


@pytest.mark.benchmark(group="apply that changes nothing")
def test_apply_nothing(benchmark: Any, manager: Any, live: FrozenMap) -> None:
    """The same manifest again, as a new value."""

    def again() -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (live, freeze(manifest()), "gitops", LATER, unchanged), {"force": False}

    benchmark.pedantic(manager.apply, setup=again, rounds=500)


@pytest.mark.benchmark(group="apply that changes nothing")
def test_deep_copy_nothing(benchmark: Any, live: FrozenMap) -> None:
    """Merge a copy and compare."""
    before, config = thaw(live), manifest()
    benchmark(lambda: merged(before, config) == before)


@pytest.mark.benchmark(group="strategic merge of one image")
def test_strategic_image(benchmark: Any, live: FrozenMap) -> None:
    """`kubectl set image`."""
    row = {"name": "c3", "image": "registry.example/web:v2"}
    patch = freeze({"spec": {"template": {"spec": {"containers": [row]}}}})
    benchmark(apply_strategic_patch, live, patch, "apps/v1", "Deployment")


@pytest.mark.benchmark(group="strategic merge of one image")
def test_deep_copy_image(benchmark: Any, live: FrozenMap) -> None:
    """The same by deep copy."""
    row = {"name": "c3", "image": "registry.example/web:v2"}
    before = thaw(live)
    benchmark(merged, before, {"spec": {"template": {"spec": {"containers": [row]}}}})
