"""A custom kind has a typed view as soon as somebody writes its class."""

import kcore
from kcore.api.apiextensions_v1 import (
    CustomResourceDefinition,
    CustomResourceDefinitionNames,
    CustomResourceDefinitionSpec,
    CustomResourceDefinitionVersion,
    CustomResourceValidation,
    JSONSchemaProps,
)
from kcore.api.meta_v1 import ObjectMeta
from kcore.machinery.frozen import freeze
from kcore.machinery.model import Int32, KindModel, Model


class DatabaseSpec(Model):
    size_limit: Int32


class Database(KindModel):
    api_version: str = "example.com/v1"
    kind: str = "Database"
    metadata: ObjectMeta | None = None
    spec: DatabaseSpec | None = None


def definition():
    anything = JSONSchemaProps(type="object", x_kubernetes_preserve_unknown_fields=True)
    version = CustomResourceDefinitionVersion(
        name="v1",
        served=True,
        storage=True,
        schema_=CustomResourceValidation(open_apiv3_schema=anything),
    )
    names = CustomResourceDefinitionNames(
        kind="Database", list_kind="DatabaseList", plural="databases", singular="database"
    )
    return CustomResourceDefinition(
        metadata=ObjectMeta(name="databases.example.com"),
        spec=CustomResourceDefinitionSpec(
            group="example.com", scope="Namespaced", names=names, versions=[version]
        ),
    )


def test_classes_of_ones_own_are_views():
    value = freeze(
        {
            "apiVersion": "example.com/v1",
            "kind": "Database",
            "metadata": {"name": "main"},
            "spec": {"sizeLimit": 3, "engine": "unknown to the class"},
        }
    )

    view = Database.from_frozen(value)

    assert view.spec.size_limit == 3
    assert view.to_frozen() == value
    assert Database.gvk().api_version == "example.com/v1"


def test_definitions_are_written_as_views():
    cluster = kcore.Cluster(nodes=0, seed=1)
    cluster.apply(definition())
    cluster.settle()

    stored = cluster.client.get(CustomResourceDefinition, "databases.example.com")

    assert stored.spec.versions[0].schema_.open_apiv3_schema.type == "object"
    assert stored.spec.names == definition().spec.names
