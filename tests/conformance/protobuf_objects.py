"""Objects as the real API server writes them in protobuf, and the conversations that do so."""

import base64

from kcore.machinery.frozen import freeze, thaw
from kcore.machinery.protobuf import decode, encode
from tests.conformance.registry import Registry
from tests.conformance.transcript import conversation

registry = Registry("transcript")


@registry.answers("protobuf", whole_record=True)
def protobuf(record):
    """The bytes of an object, and the object in the recorded bytes."""
    if "object" not in record["in"]:
        return conversation(record)
    body = encode(freeze(record["in"]["object"]))
    recorded = base64.b64decode(record["out"]["protobufBase64"])
    return {"protobufBase64": base64.b64encode(body).decode(), "json": thaw(decode(recorded))}
