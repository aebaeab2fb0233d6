"""The scheduler's vectors: who answers which topic."""

from kcore.scheduler.framework.scores import default_normalize
from tests.conformance.registry import Registry, UnsupportedError
from tests.conformance.scheduler import (
    arith,
    batching,
    config,
    cycle,
    hints,
    plugins,
    queue,
    sampling,
    sequence,
)

registry = Registry("scheduler")


@registry.answers("plugins/*", prune=True)
def plugin(given):
    """One plugin on every node."""
    return plugins.answer_plugin(given)


@registry.answers("cycle/*", "preemption/*", prune=True)
def attempt(given):
    """One attempt to place a pod."""
    return cycle.answer_cycle(given)


@registry.answers("queue/sequence", "queue/backoff")
def queue_steps(given):
    """Operations on the queue."""
    return queue.answer_queue(given)


@registry.answers("config/*", prune=True)
def configuration(given):
    """A configuration filled in and built."""
    return config.answer_config(given)


@registry.answers("queue/hints", prune=True)
def queue_hints(given):
    """Queueing hints."""
    return hints.answer_hints(given)


@registry.answers("queue/registrations")
def registrations(given):
    """Who waits for which events."""
    return hints.answer_registrations(given)


@registry.answers("sampling/*", whole_record=True)
def sample(record):
    """How many nodes, which order, which of equals."""
    return sampling.ANSWERS[record["topic"]](record["in"])


@registry.answers("batching/*", whole_record=True)
def batch(record):
    """Signatures, and nodes found for one pod that serve the next."""
    return batching.ANSWERS[record["topic"]](record)


@registry.answers("sequence/*")
def placements(given):
    """Many pods in turn."""
    return sequence.answer_sequence(given)


@registry.answers("arith/spread", whole_record=True)
def spread(record):
    """Floats may differ by one unit in the last place."""
    return arith.spread(record["in"], record["out"])


@registry.answers("arith/normalize")
def normalize(given):
    """Upstream's default normalisation."""
    scores = default_normalize(
        given["scores"], reverse=given["reverse"], highest_score=given["max"]
    )
    return {"scores": scores}


@registry.answers("arith/*", whole_record=True)
def arithmetic(record):
    """Formulas."""
    answer = arith.ANSWERS.get(record["topic"])
    if answer is None:
        raise UnsupportedError(record["topic"])
    return answer(record["in"])
