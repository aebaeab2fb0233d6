"""Objects as the real API server writes them in protobuf, and the conversations that do so."""

import base64

from kcore.api.catalog import default_scheme
from kcore.apiserver.body_protobuf import read_protobuf_body
from kcore.errors import ApiError
from kcore.machinery.frozen import freeze, thaw
from kcore.machinery.protobuf import CONTENT_TYPE, decode, encode
from tests.conformance.registry import Registry, UnsupportedError
from tests.conformance.transcript.matching import Matcher
from tests.conformance.transcript.player import Player, fresh_server

registry = Registry("transcript")

NOT_ACCEPTABLE = (
    "only the following media types are accepted: "
    "application/json, application/yaml, application/vnd.kubernetes.protobuf"
)


class ProtobufPlayer(Player):
    """Reads bodies in protobuf, and answers in it where the first accepted type is protobuf."""

    def play(self, recorded):
        if recorded["path"] in ("/api/v1", "/version"):
            raise UnsupportedError("documents of discovery")
        headers = dict(recorded.get("headers") or {})
        accepted = headers.pop("Accept", "").partition(",")[0]
        if "as=Table" in accepted:
            return refusal(ApiError(406, "NotAcceptable", NOT_ACCEPTABLE))
        plain = {key: value for key, value in recorded.items() if key != "bodyBase64"}
        if "bodyBase64" in recorded:
            if recorded["verb"] == "PATCH":
                return refusal(ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type"))
            kind = kind_at(recorded["path"], recorded["verb"])
            try:
                body = read_protobuf_body(base64.b64decode(recorded["bodyBase64"]), kind)
            except ApiError as error:
                return refusal(error)
            plain["body"] = thaw(body)
            headers.pop("Content-Type")
        answer = super().play({**plain, "headers": headers})
        if accepted != CONTENT_TYPE:
            return answer
        body = encode(freeze(answer["body"]))
        return {"code": answer["code"], "bodyOfProtobuf": thaw(decode(body)), "magic": "k8s\0"}


def refusal(error):
    return {"code": error.code, "body": error.to_status()}


def kind_at(path, verb):
    """The kind of the bodies that an endpoint takes."""
    if verb == "DELETE":
        return "DeleteOptions"
    resource = path.split("/")[5]
    return default_scheme().by_name(resource).gvk.kind


def conversation(record):
    """The recorded answers where ours match them; ours, and why, where they do not."""
    player, matcher = ProtobufPlayer(fresh_server()), Matcher()
    for request in record["in"].get("setup", ()):
        player.setup.append(player.play(request).get("body"))
    for position, request in enumerate(record["in"]["requests"]):
        answer = player.play(request)
        player.answers.append(answer.get("body"))
        expected = dict(record["out"]["responses"][position])
        expected.pop("headers", None)
        difference = matcher.match(expected, answer)
        if difference:
            return {"request": position, "difference": difference}
    return record["out"]


@registry.answers("protobuf", whole_record=True)
def protobuf(record):
    """The bytes of an object, and the object in the recorded bytes."""
    if "object" not in record["in"]:
        return conversation(record)
    body = encode(freeze(record["in"]["object"]))
    recorded = base64.b64decode(record["out"]["protobufBase64"])
    return {"protobufBase64": base64.b64encode(body).decode(), "json": thaw(decode(recorded))}
