"""Whether a pod's tolerations cover a taint (upstream's `Toleration.ToleratesTaint`)."""

from collections.abc import Iterable

from kcore.machinery.frozen import FrozenMap


def tolerates(toleration: FrozenMap, taint: FrozenMap) -> bool:
    """Whether one toleration covers a taint: effect, key and value, each empty for any."""
    effect, key = toleration.get("effect") or "", toleration.get("key") or ""
    if effect and effect != (taint.get("effect") or ""):
        return False
    if key and key != (taint.get("key") or ""):
        return False
    operator = toleration.get("operator") or "Equal"
    if operator == "Exists":
        return True
    same: bool = (toleration.get("value") or "") == (taint.get("value") or "")
    # An empty key stands for every key only together with Exists.
    return operator == "Equal" and bool(key) and same


def tolerates_any(tolerations: Iterable[FrozenMap], taint: FrozenMap) -> bool:
    """Whether any toleration covers the taint."""
    return any(tolerates(toleration, taint) for toleration in tolerations)
