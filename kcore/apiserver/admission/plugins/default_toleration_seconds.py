"""DefaultTolerationSeconds: pods stay five minutes on a node that went away."""

from typing import Final

from kcore.apiserver.admission.plugin import CREATE, UPDATE, Attributes, Objects
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap, freeze

TOLERATION_S: Final = 300

_KEYS: Final = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_ADDED: Final = tuple(
    freeze(
        {
            "key": key,
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": TOLERATION_S,
        }
    )
    for key in _KEYS
)


class DefaultTolerationSeconds:
    """Adds the two tolerations that a pod does not have itself."""

    __slots__ = ()

    name: Final = "DefaultTolerationSeconds"
    repeatable: Final = True

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """Pods."""
        return resource == "pods" and not subresource and operation in (CREATE, UPDATE)

    def mutate(self, attributes: Attributes, objects: Objects) -> FrozenMap:
        """The pod with both tolerations."""
        pod = attributes.object
        assert pod is not None  # Creates and updates have an object.
        tolerations = pod.at("spec", "tolerations", default=EMPTY_LIST)
        added = [
            toleration
            for key, toleration in zip(_KEYS, _ADDED, strict=True)
            if not any(_covers(own, key) for own in tolerations)
        ]
        return pod.set(("spec", "tolerations"), [*tolerations, *added]) if added else pod


def _covers(toleration: FrozenMap, key: str) -> bool:
    own_key, effect = toleration.get("key") or "", toleration.get("effect") or ""
    return own_key in (key, "") and effect in ("NoExecute", "")
