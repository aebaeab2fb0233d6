"""Who assigns pods to nodes: one call for all pods of a namespace."""

from typing import Final

from kcore.api.core_v1.binding import BINDING_OF_POD
from kcore.client.prepared_call import PreparedCall
from kcore.machinery.frozen import FrozenMap, Paths
from kcore.records import changed

_BOUND: Final = Paths(("metadata", "name"), ("metadata", "namespace"), ("metadata", "uid"))


class Binder:
    """Binds pods for one actor. A noun of its own, for who binds thousands."""

    __slots__ = ("_line", "_namespace", "_request")

    def __init__(self, call: PreparedCall) -> None:
        """`call` creates bindings of pods."""
        self._namespace: str | None = ""
        self._request, self._line = call

    def bind(self, pod: FrozenMap, node_name: str) -> None:
        """Assign a pod to a node. O(1), and what the server does.

        Raises:
            ApiError: the server refuses.
        """
        name, namespace, uid = _BOUND(pod)
        if namespace != self._namespace:
            self._namespace, self._request = namespace, changed(self._request, namespace=namespace)
        fill = self._line.fill  # Read first: a call of what a slot holds takes longer.
        fill(self._request, BINDING_OF_POD, (name, uid or "", node_name))
