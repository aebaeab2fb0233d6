"""Which Services a pod event concerns. Shared by both endpoint kinds."""

from typing import Self

from kcore.client.informer import Informer
from kcore.controllers.service_ports import concerns_endpoints, labels_of
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.reconcile.sources import key_of
from kcore.reconcile.workqueue import WorkQueue


class ServicePodHandler:
    """Pods concern the Services whose selectors match them."""

    def __init__(self, queue: WorkQueue, services: Informer) -> None:
        self._queue = queue
        self._services = services

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
        for service in self._services.lister.list(pod["metadata"]["namespace"]):
            selector = service.at("spec", "selector")
            if selector and all(labels.get(key) == selector[key] for key in selector):
                self._queue.add(key_of(service))

    def fork(self, memo: ForkMemo) -> Self:
        """The same handler before the forked queue and cache."""
        return type(self)(memo(self._queue), memo(self._services))
