"""Upstream's heap of scored nodes: the order in which equal nodes come out depends on it.

A heap is a tuple of positions; `totals` says how good each position is. The operations are those
of Go's `container/heap` over "greater total first", so the layout is the same after every step.
"""

from collections.abc import Sequence


def heapified(totals: Sequence[int]) -> tuple[int, ...]:
    """All positions as a heap, as `Init` leaves them. O(n)."""
    heap = list(range(len(totals)))
    for index in range(len(heap) // 2 - 1, -1, -1):
        _sift_down(heap, totals, index, len(heap))
    return tuple(heap)


def popped(heap: Sequence[int], totals: Sequence[int]) -> tuple[int, tuple[int, ...]]:
    """The best position and the heap without it, as `Pop` leaves it. O(n).

    Raises:
        IndexError: the heap is empty.
    """
    rest = list(heap)
    rest[0], rest[-1] = rest[-1], rest[0]
    _sift_down(rest, totals, 0, len(rest) - 1)
    top = rest.pop()
    return top, tuple(rest)


def heap_order(totals: Sequence[int]) -> list[int]:
    """The positions in the order in which `Init` and then `Pop` give them out. O(n**2)."""
    heap, order = heapified(totals), []
    while heap:
        top, heap = popped(heap, totals)
        order.append(top)
    return order


def _sift_down(heap: list[int], totals: Sequence[int], index: int, size: int) -> None:
    while (child := 2 * index + 1) < size:
        if child + 1 < size and totals[heap[child + 1]] > totals[heap[child]]:
            child += 1
        if totals[heap[child]] <= totals[heap[index]]:
            return
        heap[index], heap[child] = heap[child], heap[index]
        index = child
