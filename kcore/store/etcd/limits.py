"""Every bound of an etcd server, with etcd's default and its flag where it has one."""

from dataclasses import dataclass
from typing import Final

from kcore.limits import TXN_OPERATIONS_COUNT_MAX

# What gRPC may add to a request of `--max-request-bytes`: etcd's `grpcOverheadBytes`.
GRPC_OVERHEAD_BYTES: Final = 512 * 1024

# The raft entry around a request: a header of two bytes of tag, one of length, and a request id
# whose upper bits are the member's, so that it takes a tag and nine or ten bytes.
RAFT_HEADER_BYTES: Final = 14


@dataclass(frozen=True, slots=True)
class EtcdLimits:
    """Bounds of one server."""

    # `--max-txn-ops`: in one branch, with what nested transactions leave of it.
    txn_operations_count_max: int = TXN_OPERATIONS_COUNT_MAX

    # `--max-request-bytes`: of the encoded raft entry of a write.
    request_bytes_max: int = 1536 * 1024

    # 3/2 of the election timeout (1 s), rounded up: a shorter lease could not outlive an election.
    lease_ttl_s_min: int = 2

    # About 285 years: what a Go duration holds.
    lease_ttl_s_max: int = 9_000_000_000

    # First chunk of a streamed range; later ones double until they near `request_bytes_max`.
    range_chunk_keys_count: int = 10

    # Revisions that one response brings to a watch that catches up.
    watch_batch_revisions_count_max: int = 1000

    # `--experimental-watch-progress-notify-interval`, without upstream's random tenth on top.
    progress_notify_interval_s: int = 600

    @property
    def message_bytes_max(self) -> int:
        """Bytes of a request, or of a watch response that may be cut into fragments."""
        return self.request_bytes_max + GRPC_OVERHEAD_BYTES
