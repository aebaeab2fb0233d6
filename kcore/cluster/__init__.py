"""The composition root: builds every part, wires them, and is what users hold in their hands."""

from kcore.cluster.cluster import Cluster
from kcore.cluster.outcome import ApplyError, ApplyReport, SettleResult
from kcore.cluster.snapshot import Change, Snapshot

__all__ = ["ApplyError", "ApplyReport", "Change", "Cluster", "SettleResult", "Snapshot"]
