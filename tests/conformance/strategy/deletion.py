"""`delete`: what BeforeDelete decides about one object."""

from kcore.apiserver.delete_options import read_delete_options
from kcore.apiserver.deletion import before_delete
from kcore.apiserver.endpoint import build_endpoint
from kcore.errors import ApiError
from kcore.machinery.frozen import freeze, thaw
from kcore.machinery.timestamps import parse_time
from tests.conformance.registry import Registry
from tests.conformance.strategy.writes import SCHEME

registry = Registry("strategy")


@registry.answers("delete", prune=True)
def delete(given):
    obj = freeze(given["object"])
    endpoint = build_endpoint(SCHEME.by_kind(obj["apiVersion"], obj["kind"]))
    try:
        options = read_delete_options(freeze(given["options"]))
        found = before_delete(endpoint, obj, options, parse_time(given["now"]))
    except ApiError as error:
        return {"error": error.to_status()}
    out = {
        "graceful": found.graceful,
        "pending": found.pending,
        "metadata": thaw(found.obj["metadata"]),
    }
    if found.grace_period_s is not None:
        out["gracePeriodSeconds"] = found.grace_period_s
    return out
