"""Conditions of transactions."""

from kcore.store.etcd.keyspace import Keyspace, key_value
from kcore.store.etcd.messages import (
    NO_KEY_VALUE,
    Compare,
    CompareResult,
    CompareTarget,
    KeyValue,
)


def all_hold(keyspace: Keyspace, compares: tuple[Compare, ...]) -> bool:
    """Whether every condition is true now."""
    return all(holds(keyspace, compare) for compare in compares)


def holds(keyspace: Keyspace, compare: Compare) -> bool:
    """Whether a condition is true of every key in its range. O(log n + m).

    Where there is no key, numbers are those of a key never written, and a comparison of values
    is false whatever its relation.
    """
    entries = keyspace.entries(compare.key, compare.range_end, keyspace.revision)
    found = [key_value(entry) for entry in entries]
    if not found:
        return compare.target != CompareTarget.VALUE and holds_of(compare, NO_KEY_VALUE)
    return all(holds_of(compare, kv) for kv in found)


def holds_of(compare: Compare, kv: KeyValue) -> bool:
    """Whether a condition is true of one key; an unknown relation always is."""
    match compare.result:
        case CompareResult.EQUAL:
            return _order(compare, kv) == 0
        case CompareResult.NOT_EQUAL:
            return _order(compare, kv) != 0
        case CompareResult.GREATER:
            return _order(compare, kv) > 0
        case CompareResult.LESS:
            return _order(compare, kv) < 0
    return True


def _order(compare: Compare, kv: KeyValue) -> int:
    """Sign of the key's property minus the operand; an operand of another kind counts as zero."""
    match compare.target:
        case CompareTarget.VALUE:
            operand = compare.value or b""
            return (kv.value > operand) - (kv.value < operand)
        case CompareTarget.VERSION:
            return kv.version - (compare.version or 0)
        case CompareTarget.CREATE:
            return kv.create_revision - (compare.create_revision or 0)
        case CompareTarget.MOD:
            return kv.mod_revision - (compare.mod_revision or 0)
        case CompareTarget.LEASE:
            return kv.lease - (compare.lease or 0)
    # An unknown target compares nothing with nothing.
    return 0
