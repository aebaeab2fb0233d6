"""An explanation of one pod's place, as a table of nodes: verdict, score, what would help."""

from collections.abc import Iterator

from kcore.cli.output import Format
from kcore.machinery.codec import dump_json, dump_yaml
from kcore.machinery.frozen import freeze
from kcore.printing.table import aligned
from kcore.scheduler.explain import Explanation, NodeExplanation

HEAD = ("NODE", "VERDICT", "SCORE", "WHAT WOULD HELP")


def render_explanation(explanation: Explanation, form: Format) -> str:
    """Text of `explanation`; `wide` adds each plugin's verdict and score. O(nodes * plugins)."""
    match form:
        case Format.JSON:
            return dump_json(freeze(explanation.to_dict())).rstrip()
        case Format.YAML:
            return dump_yaml(freeze(explanation.to_dict())).rstrip()
        case Format.NAME:
            return "\n".join(f"node/{node}" for node in explanation.best)
        case _:
            return "\n".join(_lines(explanation, wide=form is Format.WIDE))


def _lines(explanation: Explanation, *, wide: bool) -> Iterator[str]:
    where = f"is on {explanation.node}" if explanation.node else "is on no node"
    yield f"Pod {explanation.namespace}/{explanation.name} {where}."
    if explanation.message:
        yield explanation.message
    for verdict in explanation.pod_verdicts:
        yield f"Refused before any node is looked at, by {verdict.plugin}: {_text(verdict.reasons)}"
    if explanation.nodes:
        yield ""
        yield aligned([HEAD, *(_row(node, explanation) for node in explanation.nodes)])
    if wide:
        for node in explanation.nodes:
            yield ""
            yield f"{node.node}:"
            yield aligned([("PLUGIN", "VERDICT", "RAW", "WEIGHTED"), *_plugins(node)])
    if explanation.suggestions:
        yield ""
        yield "The smallest changes that would make it fit:"
        yield from (f"- {suggestion}" for suggestion in explanation.suggestions)


def _row(node: NodeExplanation, explanation: Explanation) -> tuple[str, str, str, str]:
    refusals = [verdict for verdict in node.verdicts if not verdict.passed]
    verdict = "; ".join(_text(refusal.reasons) or refusal.plugin for refusal in refusals)
    if not refusals:
        verdict = "best" if node.node in explanation.best else "fits"
    total = "" if node.total is None else str(node.total)
    return node.node, verdict, total, "; ".join(advice.text for advice in node.advice)


def _plugins(node: NodeExplanation) -> Iterator[tuple[str, str, str, str]]:
    scores = {score.plugin: score for score in node.scores}
    for verdict in node.verdicts:
        score = scores.pop(verdict.plugin, None)
        numbers = ("", "") if score is None else (str(score.raw), str(score.weighted))
        yield (verdict.plugin, _text(verdict.reasons) or "fits", *numbers)
    for score in scores.values():
        yield score.plugin, "", str(score.raw), str(score.weighted)


def _text(reasons: tuple[str, ...]) -> str:
    return ", ".join(reasons)
