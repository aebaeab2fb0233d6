"""Defaults of FlowSchema and PriorityLevelConfiguration."""

from kcore.api.filling import fill, map_child
from kcore.machinery.frozen import FrozenMap


def default_flow_schema(schema: FrozenMap) -> FrozenMap:
    """Precedence 1000."""
    return map_child(schema, "spec", _schema_spec)


def _schema_spec(spec: FrozenMap) -> FrozenMap:
    return spec if spec.get("matchingPrecedence") else spec.set("matchingPrecedence", 1000)


def default_priority_level(level: FrozenMap) -> FrozenMap:
    """Shares, lending and queue sizes."""
    return map_child(level, "spec", _level_spec)


def _level_spec(spec: FrozenMap) -> FrozenMap:
    spec = map_child(
        spec,
        "exempt",
        lambda exempt: fill(exempt, {"nominalConcurrencyShares": 0, "lendablePercent": 0}),
    )
    return map_child(spec, "limited", _limited)


def _limited(limited: FrozenMap) -> FrozenMap:
    limited = fill(limited, {"nominalConcurrencyShares": 30, "lendablePercent": 0})
    return map_child(limited, "limitResponse", lambda r: map_child(r, "queuing", _queuing))


def _queuing(queuing: FrozenMap) -> FrozenMap:
    for key, value in (("queues", 64), ("handSize", 8), ("queueLengthLimit", 50)):
        if not queuing.get(key):
            queuing = queuing.set(key, value)
    return queuing
