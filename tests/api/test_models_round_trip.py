"""A value read into its typed view and written back is the same value."""

import gzip
import importlib
import json
import re
from pathlib import Path

import pytest

import kcore
import kcore.api
from kcore.api.catalog import default_scheme
from kcore.machinery.frozen import diff, dumps, freeze, loads
from kcore.machinery.model import KindModel

API = Path(kcore.api.__file__).parent
BOOKSHOP = Path(__file__).parents[2] / "examples" / "bookshop.yaml"
# One object of each kind with every field set, as upstream writes it (the serialization
# compatibility samples of k8s.io/api v0.37.2), one JSON text a line.
EVERY_FIELD = Path(__file__).parent / "data" / "every_field.jsonl.gz"


def every_view():
    """(apiVersion, kind) -> the class of its views."""
    modules = [
        importlib.import_module(f"kcore.api.{path.parent.name}.models")
        for path in sorted(API.glob("*/models.py"))
    ]
    classes = [getattr(module, name) for module in modules for name in module.__all__]
    kinds = [one for one in classes if issubclass(one, KindModel)]
    return {(one.gvk().api_version, one.gvk().kind): one for one in kinds}


@pytest.fixture(scope="module")
def views():
    return every_view()


def texts_with_every_field():
    return gzip.decompress(EVERY_FIELD.read_bytes()).decode().splitlines()


def name_of(text):
    return re.sub(r"[^\w.]+", "-", "{apiVersion}.{kind}".format(**json.loads(text)))


@pytest.mark.parametrize("text", texts_with_every_field(), ids=name_of)
def test_every_field_of_every_kind_comes_back(views, text):
    value = loads(text)

    view = views[value["apiVersion"], value["kind"]].from_frozen(value)

    assert diff(value, view.to_frozen()) == []


@pytest.mark.parametrize("text", texts_with_every_field(), ids=name_of)
def test_views_write_json_in_upstreams_order(views, text):
    value = loads(text)

    view = views[value["apiVersion"], value["kind"]].from_frozen(value)

    assert json.dumps(json.loads(view.model_dump_json(exclude_unset=True))) == json.dumps(
        json.loads(text)
    )


@pytest.mark.parametrize("text", texts_with_every_field(), ids=name_of)
def test_no_field_of_a_kind_is_unknown(views, text):
    value = loads(text)

    view = views[value["apiVersion"], value["kind"]].from_frozen(value)

    assert unknown_fields(view) == []


def unknown_fields(value):
    if isinstance(value, list):
        return [name for item in value for name in unknown_fields(item)]
    if isinstance(value, dict):
        return [name for item in value.values() for name in unknown_fields(item)]
    if not hasattr(value, "model_extra"):
        return []
    inner = [name for item in dict(value).values() for name in unknown_fields(item)]
    return [*value.model_extra, *inner]


@pytest.mark.slow
def test_every_object_of_a_living_cluster_comes_back(views):
    cluster = kcore.Cluster(nodes=3, seed=1)
    cluster.apply(BOOKSHOP)
    cluster.settle()
    listed = [info for info in default_scheme() if "list" in info.verbs]
    objects = [
        (views[info.gvk.api_version, info.gvk.kind], value)
        for info in listed
        for value in cluster.client.list(str(info.group_resource))
    ]

    changed = {
        f"{view.__name__} {value.metadata.name}"
        for view, value in objects
        if dumps(view.from_frozen(value).to_frozen()) != dumps(value)
    }

    assert len(objects) > 200
    assert changed == set()


def test_every_served_kind_has_a_view(views):
    served = {(one.gvk.api_version, one.gvk.kind) for one in default_scheme()}

    assert served - views.keys() == set()


def test_unknown_fields_are_kept(views):
    value = freeze(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web", "moonPhase": "full"},
            "spec": {"containers": [{"name": "main", "quantum": {"bits": [1, None, 2.5]}}]},
            "node_name": "a wire name that looks like one in Python",
        }
    )

    assert views["v1", "Pod"].from_frozen(value).to_frozen() == value


def test_names_of_python_are_unknown_on_the_wire(views):
    value = freeze(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "spec": {"containers": [], "node_name": "here"},
        }
    )

    view = views["v1", "Pod"].from_frozen(value)

    assert view.spec.node_name is None
    assert view.to_frozen().spec.node_name == "here"


def test_null_stays_null_and_absent_stays_absent(views):
    value = freeze(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"creationTimestamp": None},
            "spec": {"containers": None},
        }
    )

    assert views["v1", "Pod"].from_frozen(value).to_frozen() == value
