"""What a controller's author writes: one class with one method.

A reconciler is told a name, looks at the world, and makes it so. It is never told what happened:
events are merged, delayed and repeated on the way, so only the present state counts.

A complete controller that keeps a label on every Node::

    class LabelNodes(Reconciler):
        def __init__(self, context: ControllerContext) -> None:
            self._client = context.client
            self._nodes = context.lister("nodes")

        def reconcile(self, request: NamespacedName) -> Result:
            node = self._nodes.get(request.namespace, request.name)
            if node is None or node.at("metadata", "labels", "seen"):
                return DONE
            patch = {"metadata": {"labels": {"seen": "yes"}}}
            self._client.patch("nodes", request.name, patch)
            return DONE

    controller = Controller("label-nodes", context, LabelNodes(context), [For("nodes")])

The contract:

* Read from listers; they may lag behind the API, also behind this reconciler's own writes.
* Return `DONE`, or a `Result` that asks to be called again. A raised `ApiError` (a refused
  request) is retried with growing delays; `TerminalError` is noted and not retried.
* Return at once when the world is as it should be: a settled world is reconciled without a write.
* Everything the class remembers must be forkable. Clients, listers, recorders, clocks and
  immutable values are, and the inherited `fork` takes care of them; whoever keeps a list or a
  dict between calls writes `fork` (and `restart`, which forgets it) by hand.
"""

from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from types import BuiltinFunctionType, FunctionType
from typing import Any, Final, Self

from kcore.errors import ApiError, KcoreError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenList, FrozenMap
from kcore.machinery.resource import NamespacedName
from kcore.runtime.faults import LostResponseError

REQUEST_ERRORS: Final = (ApiError, LostResponseError)
"""What a request may raise: the server's refusal, or no answer at all."""

_SHARED: Final = (
    str, int, float, bool, bytes, type(None), frozenset, type,
    FrozenMap, FrozenList, Enum, FunctionType, BuiltinFunctionType,
)  # fmt: skip


class TerminalError(KcoreError):
    """This key cannot be reconciled until somebody changes it: do not retry."""


@dataclass(frozen=True, slots=True)
class Result:
    """When to call again: after a delay, or (`requeue`) as if an error had been raised.

    The delay holds until the key is reconciled again, whatever the reason: the latest result
    decides.
    """

    requeue_after_ns: int = 0
    requeue: bool = False


DONE: Final = Result()
"""Nothing to do until the next change."""


class Reconciler:
    """Base class: makes the world match what one object asks for."""

    def reconcile(self, request: NamespacedName) -> Result:
        """Observe, plan, apply.

        Raises:
            ApiError: a request was refused; the key is retried later.
            TerminalError: retrying is pointless.
        """
        raise NotImplementedError

    def restart(self) -> None:
        """Forget what was remembered between calls, as after a crash. Nothing, by default."""

    def fork(self, memo: ForkMemo) -> Self:
        """The same reconciler over forked neighbours; immutable attributes are shared.

        Raises:
            TypeError: an attribute can change and does not know how to fork.
        """
        twin = memo.adopt(self, object.__new__(type(self)))
        for name, value in vars(self).items():
            setattr(twin, name, fork_attribute(memo, value, f"{type(self).__name__}.{name}"))
        return twin


def fork_attribute(memo: ForkMemo, value: Any, where: str) -> Any:
    """The twin of a forkable value; immutable values are shared, frozen dataclasses rebuilt.

    Raises:
        TypeError: it is neither.
    """
    if hasattr(value, "fork") and not isinstance(value, type):
        return memo(value)
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(fork_attribute(memo, item, where) for item in value)
    if isinstance(value, _SHARED):
        return value
    if is_dataclass(value) and vars(type(value))["__dataclass_params__"].frozen:
        changes = {
            field.name: fork_attribute(memo, getattr(value, field.name), where)
            for field in fields(value)
        }
        return replace(value, **changes)  # type: ignore[type-var]
    raise TypeError(
        f"{where} is a {type(value).__name__}: state between calls must be immutable or have a "
        "fork(memo) method"
    )
