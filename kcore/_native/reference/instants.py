"""Instants told apart: the readable twin of the `instants` kernel.

Virtual time stands still while much happens, and names that hold the time must differ all the same.
"""


class Instants:
    """Instants of 64 bits, told apart where time stands still: each is later than the last."""

    __slots__ = ("_last_ns",)

    def __init__(self) -> None:
        self._last_ns = 0

    def name(self, prefix: str, now_ns: int) -> str:
        """`prefix.` and the hexadecimal text of `now_ns`, or of what comes after the last one.

        O(len(prefix)).

        Raises:
            OverflowError: there are no more.
        """
        if not -(2**63) <= now_ns < 2**63 or self._last_ns == 2**63 - 1:
            raise OverflowError("an instant must fit 64 bits")
        self._last_ns = max(now_ns, self._last_ns + 1)
        return f"{prefix}.{self._last_ns:x}"

    def copy(self) -> "Instants":
        """Another that goes on from the last one. O(1)."""
        twin = Instants()
        twin._last_ns = self._last_ns
        return twin
