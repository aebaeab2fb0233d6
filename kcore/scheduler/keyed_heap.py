"""Queued pods by key, smallest order first: the door to the `keyed_heap` kernel."""

from typing import TYPE_CHECKING

from kcore import _native

if TYPE_CHECKING:
    from kcore._native.reference import keyed_heap
    from kcore._native.reference.keyed_heap import holder, move, take
    from kcore.scheduler.queued_pod import QueuedPod

    KeyedHeap = keyed_heap.KeyedHeap[QueuedPod]
else:
    KeyedHeap, holder = _native.keyed_heap.KeyedHeap, _native.keyed_heap.holder
    move, take = _native.keyed_heap.move, _native.keyed_heap.take

__all__ = ["KeyedHeap", "holder", "move", "take"]
