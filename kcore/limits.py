"""Every bound in one place: unit in the name, reason above it."""

from typing import Final

# Upstream's etcd refuses requests above 1.5 MiB; the API server's body limit is 3 MiB.
REQUEST_BYTES_MAX: Final = 3 * 1024 * 1024

# Objects nest about 15 levels deep; custom resources rarely reach 30.
NESTING_COUNT_MAX: Final = 256

# Messages inside messages, each three Python frames; objects of the API nest about 12 of them.
PROTOBUF_NESTING_COUNT_MAX: Final = 128

# etcd's `--max-txn-ops`.
TXN_OPERATIONS_COUNT_MAX: Final = 128

# Events kept per resource before the oldest are compacted away; a watcher that falls behind
# them is told 410. Upstream's watch cache grows to 102,400 events.
HISTORY_EVENTS_COUNT_MAX: Final = 102_400

# API server defaults: `--default-watch-cache-size` is about caches; pages are the client's choice.
LIST_PAGE_COUNT_MAX: Final = 10_000

# The evanphx JSON-patch limit of the API server.
JSON_PATCH_OPERATIONS_COUNT_MAX: Final = 10_000

# A scenario that is still busy after this much virtual time does not settle (1 hour).
SETTLE_VIRTUAL_NS_MAX: Final = 3_600 * 1_000_000_000

# Actions without any progress of time: far above any real cascade, low enough to end a livelock.
ACTIONS_PER_INSTANT_COUNT_MAX: Final = 1_000_000

# Log records kept per world: enough for the last minutes of a busy one.
LOG_RECORDS_COUNT_MAX: Final = 10_000

# Addresses and node ports of services that are given out last, so that people may claim them by
# hand (upstream: min(max(16, size / 16), 256) of 10.96.0.0/16, min(max(16, size / 32), 128)).
SERVICE_IP_STATIC_COUNT: Final = 256
NODE_PORT_STATIC_COUNT: Final = 86

# Tries to find an unused generated name, and to win a compare-and-swap, before giving up.
GENERATED_NAME_TRIES_COUNT_MAX: Final = 8
UPDATE_TRIES_COUNT_MAX: Final = 8
