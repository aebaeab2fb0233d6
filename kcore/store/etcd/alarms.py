"""Alarms: a server that is out of space or corrupt refuses what could make it worse."""

from typing import Final, Self

from kcore.forking import ForkMemo
from kcore.store.etcd.errors import CORRUPT, NO_SPACE, EtcdError
from kcore.store.etcd.lease_messages import (
    AlarmAction,
    AlarmRequest,
    AlarmType,
    LeaseGrantRequest,
)
from kcore.store.etcd.messages import PutRequest, TxnRequest

_KNOWN: Final = (AlarmType.NOSPACE, AlarmType.CORRUPT)


class Alarms:
    """The alarms that are raised."""

    __slots__ = ("_raised",)

    def __init__(self) -> None:
        self._raised: tuple[AlarmType, ...] = ()

    def answer(self, request: AlarmRequest) -> tuple[AlarmType, ...]:
        """Show alarms (NONE: all), or raise or clear one and show it if that changed anything."""
        asked = tuple(one for one in _KNOWN if one == request.alarm)
        match request.action:
            case AlarmAction.GET:
                wanted = self._raised if request.alarm == AlarmType.NONE else asked
                return tuple(one for one in wanted if one in self._raised)
            case AlarmAction.ACTIVATE:
                # Raising it twice shows it twice, clearing it twice does not.
                self._raised = tuple(one for one in _KNOWN if one in self._raised or one in asked)
                return asked
            case AlarmAction.DEACTIVATE:
                cleared = tuple(one for one in asked if one in self._raised)
                self._raised = tuple(one for one in self._raised if one not in cleared)
                return cleared
        return ()

    def require_write(self, request: object) -> None:
        """Refuse a request that changes the store while an alarm forbids it.

        Out of space forbids puts, leases, and transactions that put in either branch (upstream
        does not look into nested ones); corruption forbids everything.

        Raises:
            EtcdError: as said.
        """
        if AlarmType.CORRUPT in self._raised:
            raise EtcdError(CORRUPT)
        if AlarmType.NOSPACE in self._raised and _takes_space(request):
            raise EtcdError(NO_SPACE)

    def fork(self, memo: ForkMemo) -> Self:
        """The same alarms, raised and cleared independently from now on."""
        twin = type(self)()
        twin._raised = self._raised
        return twin


def _takes_space(request: object) -> bool:
    if isinstance(request, TxnRequest):
        return any(isinstance(one, PutRequest) for one in (*request.success, *request.failure))
    return isinstance(request, (PutRequest, LeaseGrantRequest))
