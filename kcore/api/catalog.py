"""The one list of built-in kinds, read from committed data. Knows names and scopes, no rules.

`kcore/api/data/resources.json.gz` holds the discovery of a Kubernetes v1.37.2 API server in
catalog order; `tools/generate_api_data.py` writes it.
"""

import gzip
import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

from kcore.machinery.resource import GroupVersionKind
from kcore.machinery.scheme import ResourceInfo, Scheme

_DATA: Final = "api/data/resources.json.gz"


@cache
def _rows() -> tuple[list[Any], ...]:
    raw = files("kcore").joinpath(_DATA).read_bytes()
    return tuple(json.loads(gzip.decompress(raw)))


def _info(row: list[Any]) -> ResourceInfo:
    group, version, kind, resource, singular, namespaced, verbs, subresources, *rest = row
    short_names, categories, preferred = rest
    return ResourceInfo(
        gvk=GroupVersionKind(group, version, kind),
        resource=resource,
        singular=singular,
        namespaced=namespaced,
        verbs=tuple(verbs),
        subresources=tuple(name for name, *_body in subresources),
        short_names=tuple(short_names),
        categories=tuple(categories),
        preferred=preferred,
    )


@cache
def default_scheme() -> Scheme:
    """Every built-in resource of Kubernetes v1.37.2; read once per process, a few ms."""
    return Scheme(_info(row) for row in _rows())


@cache
def subresource_bodies(group: str, version: str, resource: str) -> dict[str, GroupVersionKind]:
    """Which kind travels to each subresource: `{"scale": autoscaling/v1 Scale, ...}`.

    A resource without subresources, or an unknown one, has an empty table.
    """
    for row in _rows():
        if (row[0], row[1], row[3]) == (group, version, resource):
            return {name: GroupVersionKind(*body[:3]) for name, *body in row[7]}
    return {}
