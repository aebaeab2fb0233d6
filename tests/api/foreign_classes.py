"""Small classes with the protocols of other packages, as those packages generate them."""

# ruff: noqa: RUF012 - generated classes have plain dicts

import datetime


class Configuration:
    client_side_validation = True


class Generated:
    """What kubernetes_asyncio generates: attributes, `openapi_types`, `attribute_map`."""

    openapi_types = {}
    attribute_map = {}
    required = ()

    def __init__(self, local_vars_configuration=None, **fields):
        configuration = local_vars_configuration or Configuration()
        for name in self.openapi_types:
            value = fields.pop(name, None)
            if value is None and name in self.required and configuration.client_side_validation:
                raise ValueError(f"Invalid value for `{name}`, must not be `None`")
            setattr(self, name, value)
        assert not fields

    def to_dict(self):
        raise AssertionError("its snake_case is of no use")


class V1ObjectMeta(Generated):
    openapi_types = {
        "creation_timestamp": "datetime",
        "labels": "dict(str, str)",
        "name": "str",
        "owner_references": "list[V1OwnerReference]",
    }
    attribute_map = {
        "creation_timestamp": "creationTimestamp",
        "labels": "labels",
        "name": "name",
        "owner_references": "ownerReferences",
    }


class V1OwnerReference(Generated):
    openapi_types = {
        "api_version": "str",
        "block_owner_deletion": "bool",
        "kind": "str",
        "name": "str",
        "uid": "str",
    }
    attribute_map = {
        "api_version": "apiVersion",
        "block_owner_deletion": "blockOwnerDeletion",
        "kind": "kind",
        "name": "name",
        "uid": "uid",
    }
    required = ("name",)


class V1ConfigMap(Generated):
    openapi_types = {
        "api_version": "str",
        "kind": "str",
        "metadata": "V1ObjectMeta",
        "data": "dict[str, str]",
        "immutable": "bool",
    }
    attribute_map = {
        "api_version": "apiVersion",
        "kind": "kind",
        "metadata": "metadata",
        "data": "data",
        "immutable": "immutable",
    }


class V1Nobody(Generated):
    openapi_types = {"metadata": "V1ObjectMeta", "extra": "object"}
    attribute_map = {"metadata": "metadata", "extra": "extra"}


class ResourceDef:
    group, version, kind = "apps", "v1", "Deployment"


class ApiInfo:
    resource = ResourceDef


class LightDeployment:
    """What lightkube generates: `from_dict`, `to_dict`, and which resource it is."""

    _api_info = ApiInfo

    def __init__(self, metadata=None, spec=None):
        self.metadata, self.spec = metadata, spec

    @classmethod
    def from_dict(cls, given):
        return cls(given.get("metadata"), given.get("spec"))

    def to_dict(self):
        return {"metadata": self.metadata, "spec": self.spec}


NOON = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)
