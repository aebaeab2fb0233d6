"""Which slice states this controller has written, so that a stale cache is noticed.

A controller that syncs before its own create has arrived in its cache would create the slice a
second time. The tracker remembers the generation of every slice it wrote; while the cache shows an
older one, or none, the Service waits.

Upstream: staging/src/k8s.io/endpointslice/util/endpointslice_tracker.go.
"""

from collections.abc import Iterable
from typing import Self

from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap


class SliceTracker:
    """Generations by Service uid and slice uid. Each operation is O(1), `is_stale` O(slices)."""

    __slots__ = ("_written",)

    def __init__(self) -> None:
        self._written: dict[str, dict[str, int]] = {}

    def wrote(self, service_uid: str, written: FrozenMap) -> None:
        """This slice was created or updated just now."""
        generations = self._written.setdefault(service_uid, {})
        generations[written["metadata"]["uid"]] = generation_of(written)

    def deleted(self, service_uid: str, slice_uid: str) -> None:
        """This slice was deleted just now, or is gone."""
        generations = self._written.get(service_uid)
        if generations is not None:
            generations.pop(slice_uid, None)

    def forget(self, service_uid: str) -> None:
        """The Service is gone."""
        self._written.pop(service_uid, None)

    def is_stale(self, service_uid: str, slices: Iterable[FrozenMap]) -> bool:
        """Whether `slices`, as the cache shows them, lag behind what was written."""
        expected = dict(self._written.get(service_uid, ()))
        for known in slices:
            if expected.pop(known["metadata"]["uid"], 0) > generation_of(known):
                return True
        return bool(expected)

    def clear(self) -> None:
        """Forget everything, as a new process would."""
        self._written = {}

    def fork(self, memo: ForkMemo) -> Self:
        """An independent copy. O(slices)."""
        twin = type(self)()
        twin._written = {uid: dict(known) for uid, known in self._written.items()}
        return twin


def generation_of(obj: FrozenMap) -> int:
    """`metadata.generation`; slices have one, though kubectl does not show it."""
    generation: int = obj.at("metadata", "generation", default=0)
    return generation
