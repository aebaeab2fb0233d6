"""Bringing the changes of a stream to handlers, one a turn; a door to the `turns` kernel."""

from kcore import _native

Courier = _native.turns.Courier

__all__ = ["Courier"]
