"""`hashes/*`: pod-template-hash, controller revisions, and the names they stand in."""

from kcore.controllers.deployment.revision import same_template
from kcore.machinery import names
from kcore.machinery.frozen import freeze
from kcore.machinery.hashes import (
    controller_revision_data,
    controller_revision_hash,
    controller_revision_name,
    pod_template_hash,
)
from tests.conformance.registry import Registry

registry = Registry("machinery")


@registry.answers("hashes/podTemplate")
def pod_template(given):
    return {"hash": pod_template_hash(freeze(given["template"]), given["collisionCount"])}


@registry.answers("hashes/controllerRevision")
def controller_revision(given):
    found = controller_revision_hash(given["data"], given["probe"])
    return {"hash": found, "name": controller_revision_name(given["prefix"], found)}


@registry.answers("hashes/daemonSetRevision")
def daemon_set_revision(given):
    daemon_set = freeze(given["daemonSet"])
    template = daemon_set["spec"]["template"]
    found = pod_template_hash(template, given["collisionCount"])
    name = f"{daemon_set['metadata']['name']}-{found}"
    return {"data": controller_revision_data(template), "hash": found, "name": name}


@registry.answers("hashes/statefulSetRevision")
def stateful_set_revision(given):
    stateful_set = freeze(given["statefulSet"])
    metadata, template = stateful_set["metadata"], stateful_set["spec"]["template"]
    data = controller_revision_data(template)
    found = controller_revision_hash(data, given["collisionCount"])
    labels = dict(template.at("metadata", "labels", default={}).items())
    owner = {
        "apiVersion": "apps/v1",
        "blockOwnerDeletion": True,
        "controller": True,
        "kind": "StatefulSet",
        "name": metadata["name"],
        "uid": metadata["uid"],
    }
    return {
        "annotations": dict(metadata.at("annotations", default={}).items()),
        "data": data,
        "labels": {**labels, "controller.kubernetes.io/hash": found},
        "name": controller_revision_name(metadata["name"], found),
        "ownerReferences": [owner],
        "revision": given["revision"],
    }


@registry.answers("hashes/templateEqual")
def template_equal(given):
    left, right = (freeze({"spec": {"template": given[side]}}) for side in ("a", "b"))
    return {"equalIgnoringHash": same_template(left, right)}


@registry.answers("hashes/names")
def derived_names(given):
    ordinal = given["ordinal"]
    parent, parent_ordinal = names.parent_and_ordinal(given["pod"])
    return {
        "claim": names.claim_name(given["claim"], given["statefulSet"], ordinal),
        "deploymentReplicaSetSafe": names.safe_encode(str(ordinal)),
        "endpointSlicePrefix": names.service_prefix(given["service"]),
        "indexedJobPodGenerateName": names.indexed_pod_prefix(given["job"], ordinal),
        "parent": parent,
        "parentOrdinal": parent_ordinal,
        "statefulSetPod": names.ordinal_name(given["statefulSet"], ordinal),
    }
