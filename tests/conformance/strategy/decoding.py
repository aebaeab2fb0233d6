"""`decode`: a body as text, at the endpoint of its kind."""

from kcore.apiserver.body_text import refused
from kcore.apiserver.decoding import check_kind
from kcore.errors import ApiError, bad_request
from kcore.machinery.object_text import ObjectTextError, read_object
from kcore.machinery.resource import GroupVersionKind
from tests.conformance.registry import Registry
from tests.conformance.strategy.kinds import defaulted
from tests.conformance.strategy.writes import SCHEME

registry = Registry("strategy")


@registry.answers("decode", prune=True)
def decode_body(given):
    api_version, kind, body = given["apiVersion"], given["kind"], given["body"]
    expected = GroupVersionKind.of(api_version, kind)
    try:
        found = read_object(body, default=expected)
        check_kind(found.object, expected, SCHEME)
        obj = found.object.set("apiVersion", api_version).set("kind", kind)
        whole = defaulted(obj, api_version, kind)
    except ObjectTextError as error:
        # The recorded decoder stands alone: it does not quote a body that it cannot name.
        alone = error.gvk is None
        refusal = bad_request(error.message) if alone else refused(error, body, kind)
        return {"error": refusal.to_status()}
    except ApiError as error:
        return {"error": error.to_status()}
    return {"object": whole, "strictErrors": list(found.problems)}
