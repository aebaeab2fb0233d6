"""Requests and responses of the lease and alarm APIs."""

from dataclasses import dataclass
from enum import IntEnum

from kcore.store.etcd.messages import NO_HEADER, ResponseHeader


class AlarmAction(IntEnum):
    """What to do with an alarm."""

    GET = 0
    ACTIVATE = 1
    DEACTIVATE = 2


class AlarmType(IntEnum):
    """Why a server refuses writes."""

    NONE = 0
    NOSPACE = 1
    CORRUPT = 2


@dataclass(frozen=True, slots=True)
class LeaseGrantRequest:
    """Make a lease of `ttl` seconds; the server chooses an id of 0."""

    ttl: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class LeaseGrantResponse:
    """The lease's id and the TTL it got, at least the server's minimum."""

    header: ResponseHeader = NO_HEADER
    id: int = 0
    ttl: int = 0


@dataclass(frozen=True, slots=True)
class LeaseRevokeRequest:
    """End a lease and delete its keys."""

    id: int = 0


@dataclass(frozen=True, slots=True)
class LeaseRevokeResponse:
    """Done."""

    header: ResponseHeader = NO_HEADER


@dataclass(frozen=True, slots=True)
class LeaseKeepAliveRequest:
    """Start a lease's time anew."""

    id: int = 0


@dataclass(frozen=True, slots=True)
class LeaseKeepAliveResponse:
    """The TTL from now on; 0: there is no such lease."""

    header: ResponseHeader = NO_HEADER
    id: int = 0
    ttl: int = 0


@dataclass(frozen=True, slots=True)
class LeaseTimeToLiveRequest:
    """Ask for the rest of a lease's time, and for its keys."""

    id: int = 0
    keys: bool = False


@dataclass(frozen=True, slots=True)
class LeaseTimeToLiveResponse:
    """Whole seconds left; -1: there is no such lease."""

    header: ResponseHeader = NO_HEADER
    id: int = 0
    ttl: int = 0
    granted_ttl: int = 0
    keys: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class LeaseLeasesResponse:
    """Ids of all leases, the one that expires first first."""

    header: ResponseHeader = NO_HEADER
    leases: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AlarmRequest:
    """Show, raise or clear alarms."""

    action: int = AlarmAction.GET
    alarm: int = AlarmType.NONE


@dataclass(frozen=True, slots=True)
class AlarmResponse:
    """The alarms shown, raised or cleared; none if the action changed nothing."""

    header: ResponseHeader = NO_HEADER
    alarms: tuple[AlarmType, ...] = ()
