"""The engine over columns, loaded when somebody needs it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kcore.scheduler.options import Engine
    from kcore.scheduler.packed.engine import PackedEngine


def engine_over_columns(engine: "Engine") -> "type[PackedEngine]":
    """What searches over columns for this choice of an engine.

    The first call loads numpy, which takes longer than a small cluster's whole life, mostly.
    Whoever measures calls it beforehand.
    """
    from kcore.scheduler.packed.agreement import ParanoidEngine  # noqa: PLC0415
    from kcore.scheduler.packed.engine import PackedEngine  # noqa: PLC0415

    return ParanoidEngine if engine == "paranoid" else PackedEngine
