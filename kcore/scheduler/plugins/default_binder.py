"""Bind: tell the API where the pod goes."""

from typing import Final

from kcore.errors import ApiError
from kcore.machinery.frozen import FrozenMap
from kcore.runtime.faults import LostResponseError
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.quiet import last_word
from kcore.scheduler.framework.status import Status, failed
from kcore.scheduler.pod_info import PodInfo


class DefaultBinder:
    """Writes the Binding through the client."""

    name: Final = "DefaultBinder"

    def __init__(self, args: FrozenMap) -> None:
        """Takes no args."""

    @last_word
    def bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status | None:
        """One write; a refusal by the API fails the attempt."""
        try:
            state.handle.binder.bind(pod.shown, node_name)
        except ApiError as error:
            return failed(error.message).blame(self.name)
        except LostResponseError as error:
            # The binding may stand; if it does, the watch will show it and end the retries.
            return failed(str(error)).blame(self.name)
        return None
