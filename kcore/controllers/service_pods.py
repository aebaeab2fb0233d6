"""Which Services a pod event concerns. Shared by both endpoint kinds."""

from typing import Self

from kcore.client.informer import Informer
from kcore.client.selector_cache import SelectorCache
from kcore.controllers.service_ports import concerns_endpoints, labels_of
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.labels import Selector, from_set
from kcore.reconcile.workqueue import WorkQueue


class ServicePodHandler:
    """Pods concern the Services whose selectors match them."""

    def __init__(self, queue: WorkQueue, services: Informer) -> None:
        self._queue = queue
        self._services = services
        self._selectors = SelectorCache(_selector_of)
        services.add_handler(self._selectors)

    def on_add(self, pod: FrozenMap) -> None:
        """A new pod."""
        self._enqueue(pod)

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """A pod changed; it may have left a Service."""
        if concerns_endpoints(old, new):
            self._enqueue(new)
            if labels_of(old) != labels_of(new):
                self._enqueue(old)

    def on_delete(self, pod: FrozenMap) -> None:
        """A pod is gone."""
        self._enqueue(pod)

    def _enqueue(self, pod: FrozenMap) -> None:
        labels = labels_of(pod)
        if not labels or not self._services.has_synced:
            return
        namespace = pod["metadata"]["namespace"]
        for key in self._selectors.matching(namespace, labels):
            if self._services.lister.get(namespace, key.partition("/")[2]) is not None:
                self._queue.add(key)

    def fork(self, memo: ForkMemo) -> Self:
        """The same handler before the forked queue and cache."""
        twin = object.__new__(type(self))
        twin._queue = memo(self._queue)
        twin._services = memo(self._services)
        twin._selectors = memo(self._selectors)
        return twin


def _selector_of(service: FrozenMap) -> Selector | None:
    """A Service without a selector gets its endpoints from elsewhere."""
    selector = service.at("spec", "selector")
    return from_set(selector) if selector else None
