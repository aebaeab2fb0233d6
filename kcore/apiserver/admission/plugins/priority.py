"""Priority: from a pod's class name to its number."""

from typing import Final

from kcore.apiserver.admission.plugin import CREATE, UPDATE, Attributes, Objects
from kcore.errors import ApiError, forbidden
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap

CLASSES: Final = "priorityclasses.scheduling.k8s.io"

_DEFAULT_POLICY: Final = "PreemptLowerPriority"


class Priority:
    """Resolves priorities of pods and keeps the global default unique."""

    __slots__ = ()

    name: Final = "Priority"
    repeatable: Final = True

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """New pods; new and changed classes."""
        if subresource:
            return False
        if resource == "pods":
            return operation == CREATE
        return resource == CLASSES and operation in (CREATE, UPDATE)

    def mutate(self, attributes: Attributes, objects: Objects) -> FrozenMap:
        """The pod with priority and preemption policy of its class.

        Raises:
            ApiError: 403, there is no such class, or the pod names another number.
        """
        obj = attributes.object
        assert obj is not None  # Creates and updates have an object.
        if attributes.resource != "pods":
            return obj
        spec = obj.get("spec") or EMPTY_MAP
        class_name = spec.get("priorityClassName") or ""
        chosen = _class_of(class_name, attributes, objects)
        value = 0 if chosen is None else chosen.get("value") or 0
        policy = _DEFAULT_POLICY if chosen is None else chosen.get("preemptionPolicy")
        policy = policy or _DEFAULT_POLICY
        if chosen is not None and not class_name:
            spec = spec.set("priorityClassName", chosen["metadata"]["name"])
        _check_sent(spec, value, policy, attributes)
        if spec.get("priority") != value:
            spec = spec.set("priority", value)
        if spec.get("preemptionPolicy") != policy:
            spec = spec.set("preemptionPolicy", policy)
        return obj if spec is obj.get("spec") else obj.set("spec", spec)

    def validate(self, attributes: Attributes, objects: Objects) -> None:
        """Only one class may be the global default.

        Raises:
            ApiError: 403.
        """
        obj = attributes.object
        if attributes.resource == "pods" or obj is None or not obj.get("globalDefault"):
            return
        for other in objects.by_index(CLASSES, "globalDefault", "true"):
            name = other["metadata"]["name"]
            if name != attributes.name:
                why = (
                    f"PriorityClass {name} is already marked as default. Only one default can exist"
                )
                raise forbidden("priorityclasses", attributes.name, why, "scheduling.k8s.io")


def _class_of(name: str, attributes: Attributes, objects: Objects) -> FrozenMap | None:
    if name:
        found = objects.get(CLASSES, "", name)
        if found is None:
            raise _refused(attributes, f"no PriorityClass with name {name} was found")
        return found
    defaults = objects.by_index(CLASSES, "globalDefault", "true")
    return min(defaults, key=lambda one: one.get("value") or 0, default=None)


def _check_sent(spec: FrozenMap, value: int, policy: str, attributes: Attributes) -> None:
    priority, sent_policy = spec.get("priority"), spec.get("preemptionPolicy")
    if priority is not None and priority != value:
        raise _refused(
            attributes,
            f"the integer value of priority ({priority}) must not be provided in pod spec; "
            f"priority admission controller computed {value} from the given PriorityClass name",
        )
    if sent_policy is not None and sent_policy != policy:
        raise _refused(
            attributes,
            f"the string value of PreemptionPolicy ({sent_policy}) must not be provided in pod "
            f"spec; priority admission controller computed {policy} from the given PriorityClass "
            "name",
        )


def _refused(attributes: Attributes, why: str) -> ApiError:
    return forbidden("pods", attributes.name, why)
