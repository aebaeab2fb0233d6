"""`facts`: what upstream's strategies say of each endpoint."""

from kcore.apiserver.endpoint import build_endpoint
from kcore.apiserver.reset_fields import reset_paths, reset_versions
from tests.conformance.registry import Registry
from tests.conformance.strategy.writes import SCHEME

registry = Registry("strategy")

POLICIES = {
    "Background": "DeleteDependents",
    "Orphan": "OrphanDependents",
    "Unsupported": "Unsupported",
}


@registry.answers("facts")
def facts(given):
    endpoint = build_endpoint(SCHEME.by_kind(given["apiVersion"], given["kind"]))
    subresource, traits = given.get("subresource") or "", endpoint.traits
    out = {
        "namespaced": endpoint.info.namespaced,
        "allowCreateOnUpdate": traits.create_on_update,
        "allowUnconditionalUpdate": traits.unconditional_update,
    }
    if not subresource and traits.graceful:
        out["gracefulDelete"] = True
    if not subresource and traits.garbage_collection:
        out["defaultGarbageCollectionPolicy"] = POLICIES[traits.garbage_collection]
    has_status = "status" in endpoint.info.subresources
    paths = reset_paths(endpoint.bucket, subresource, has_status)
    if paths:
        texts = [f".{'.'.join(path)}" for path in paths]
        out["resetFields"] = dict.fromkeys(reset_versions(endpoint), texts)
    return out
