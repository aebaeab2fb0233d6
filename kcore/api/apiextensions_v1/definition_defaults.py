"""Defaults of CustomResourceDefinition: names made from names, and webhook ports."""

from kcore.api.admissionregistration_v1.admission_defaults import default_client_config
from kcore.api.filling import fill_empty, map_child
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap


def default_definition(definition: FrozenMap) -> FrozenMap:
    """Singular and list kind from the kind; no conversion."""
    definition = map_child(definition, "spec", _spec)
    if definition.at("status", "storedVersions") or "status" not in definition:
        return definition
    versions = definition.at("spec", "versions", default=EMPTY_LIST)
    stored = [version.get("name") for version in versions if version.get("storage")]
    return definition.set(("status", "storedVersions"), stored) if stored else definition


def _spec(spec: FrozenMap) -> FrozenMap:
    spec = map_child(spec, "names", default_names)
    conversion = spec.get("conversion") or EMPTY_MAP
    conversion = fill_empty(conversion, {"strategy": "None"})
    conversion = map_child(
        conversion, "webhook", lambda hook: map_child(hook, "clientConfig", default_client_config)
    )
    return spec if conversion is spec.get("conversion") else spec.set("conversion", conversion)


def default_names(names: FrozenMap) -> FrozenMap:
    """`Widget` gives `widget` and `WidgetList`."""
    kind = names.get("kind") or ""
    if not kind:
        return names
    return fill_empty(names, {"singular": kind.lower(), "listKind": f"{kind}List"})
