"""Resource names and quantities: which names count as what, and which values they take."""

from typing import Final

from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.formats import qualified_name
from kcore.machinery.meta import NON_NEGATIVE
from kcore.machinery.quantity import Quantity, quantity_of

HUGE_PAGES: Final = "hugepages-"
ATTACHABLE: Final = "attachable-volumes-"
_NATIVE_DOMAIN: Final = "kubernetes.io/"
_REQUESTS: Final = "requests."
_NOT_INTEGER: Final = "must be an integer"
_WHOLE: Final = frozenset(
    {
        "pods",
        "resourcequotas",
        "services",
        "replicationcontrollers",
        "secrets",
        "configmaps",
        "persistentvolumeclaims",
        "services.nodeports",
        "services.loadbalancers",
    }
)
CONTAINER_RESOURCES: Final = frozenset({"cpu", "memory", "ephemeral-storage"})
QUOTA_RESOURCES: Final = (
    CONTAINER_RESOURCES
    | {f"{side}.{name}" for side in ("requests", "limits") for name in CONTAINER_RESOURCES}
    | {"requests.storage"}
    | _WHOLE
)
"""What a quota may count, huge pages and extended resources aside."""


def is_native(name: str) -> bool:
    """Whether Kubernetes itself defines the resource."""
    return "/" not in name or _NATIVE_DOMAIN in name


def is_extended(name: str) -> bool:
    """Whether the resource is somebody's own (`example.com/gpu`)."""
    if is_native(name) or name.startswith(_REQUESTS):
        return False
    return not qualified_name(f"{_REQUESTS}{name}")


def is_whole(name: str) -> bool:
    """Whether fractions make no sense."""
    return name in _WHOLE or is_extended(name)


def overcommit_allowed(name: str) -> bool:
    """Whether limits may exceed requests."""
    return is_native(name) and not name.startswith(HUGE_PAGES)


def validate_resource_value(name: str, text: str, errors: FieldErrors, path: str) -> None:
    """Not negative, and whole where fractions make no sense."""
    quantity = quantity_of(text)
    validate_non_negative_quantity(quantity, text, errors, path)
    if is_whole(name) and quantity.milli_value() % 1000:
        errors.invalid(path, text, _NOT_INTEGER)


def validate_non_negative_quantity(
    quantity: Quantity, text: str, errors: FieldErrors, path: str
) -> None:
    """Zero or more."""
    if quantity.sign() < 0:
        errors.invalid(path, text, NON_NEGATIVE)
