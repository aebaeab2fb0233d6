"""`decode`: a body as text, at the endpoint of its kind."""

from kcore.apiserver.decoding import check_kind
from kcore.errors import ApiError
from kcore.machinery.codec import duplicate_fields
from kcore.machinery.frozen import FrozenMap, JSONError, loads
from kcore.machinery.resource import GroupVersionKind
from kcore.machinery.schema import decode
from tests.conformance.registry import Registry, UnsupportedError
from tests.conformance.strategy.kinds import defaulted
from tests.conformance.strategy.writes import SCHEME

registry = Registry("strategy")


@registry.answers("decode", prune=True)
def decode_body(given):
    api_version, kind = given["apiVersion"], given["kind"]
    try:
        obj = loads(given["body"])
    except JSONError:
        raise UnsupportedError("text of a malformed body") from None
    if not isinstance(obj, FrozenMap):
        raise UnsupportedError("text of a body that is no object")
    try:
        check_kind(obj, GroupVersionKind.of(api_version, kind), SCHEME)
        decoded = decode(obj, api_version, kind)
        whole = defaulted(decoded.object, api_version, kind)
    except ApiError as error:
        return {"error": error.to_status()}
    problems = [*duplicate_fields(given["body"]), *decoded.problems]
    return {"object": whole, "strictErrors": problems}
