"""What kcore answers to the `transcript` vectors: HTTP conversations with a real API server."""

from tests.conformance.registry import Registry
from tests.conformance.transcript.matching import Matcher
from tests.conformance.transcript.player import Player, fresh_server

registry = Registry("transcript")

TOPICS = ("crud", "crd", "listwatch", "patch", "deletion", "admission", "subresources")


def with_sorted_causes(answer):
    """Upstream names the fields of one conflict in any order."""
    causes = ((answer.get("body") or {}).get("details") or {}).get("causes")
    if not causes or causes[0].get("reason") != "FieldManagerConflict":
        return answer
    body = answer["body"]
    causes = sorted(causes, key=lambda cause: (cause["field"], cause["message"]))
    return {**answer, "body": {**body, "details": {**body["details"], "causes": causes}}}


@registry.answers(*TOPICS, whole_record=True)
def conversation(record):
    """The recorded answers where ours match them; ours, and why, where they do not."""
    keeps_owners = record["in"].get("managedFields", False)
    player, matcher = Player(fresh_server(), keeps_owners), Matcher()
    for request in record["in"].get("setup", ()):
        answer = player.play(request)
        if answer["code"] >= 300:
            return {"setup": answer}
        player.setup.append(answer.get("body"))
    for position, request in enumerate(record["in"]["requests"]):
        answer = player.play(request)
        player.answers.append(answer.get("body"))
        if "op" in request:
            continue
        expected = dict(record["out"]["responses"][position])
        expected.pop("headers", None)
        expected, answer = with_sorted_causes(expected), with_sorted_causes(answer)
        difference = matcher.match(expected, answer)
        if difference:
            return {"request": position, "difference": difference}
    return record["out"]
