"""What the name of a resource says about it: native, extended, huge page, countable."""

from typing import Final

from kcore.machinery.formats import qualified_name
from kcore.machinery.quantity import Quantity, QuantityError

REQUESTS_PREFIX: Final = "requests."
HUGE_PAGES_PREFIX: Final = "hugepages-"
_ATTACHABLE_VOLUMES_PREFIX: Final = "attachable-volumes-"
_NATIVE_DOMAIN: Final = "kubernetes.io/"


def is_prefixed_native(name: str) -> bool:
    """A native resource with Kubernetes' own domain."""
    return _NATIVE_DOMAIN in name


def is_native(name: str) -> bool:
    """A resource of Kubernetes itself: without a domain, or with its own."""
    return "/" not in name or is_prefixed_native(name)


def is_extended(name: str) -> bool:
    """A resource that somebody added (`example.com/gpu`), fit to be named in a quota."""
    if is_native(name) or name.startswith(REQUESTS_PREFIX):
        return False
    return not qualified_name(f"{REQUESTS_PREFIX}{name}")


def is_huge_page(name: str) -> bool:
    """Huge pages of some size."""
    return name.startswith(HUGE_PAGES_PREFIX)


def huge_page_size(name: str) -> Quantity:
    """The page size that a huge-page resource names.

    Raises:
        QuantityError: `name` names none.
    """
    if not is_huge_page(name):
        raise QuantityError(f"resource name: {name} is an invalid hugepage name")
    return Quantity.parse(name.removeprefix(HUGE_PAGES_PREFIX))


def is_overcommit_allowed(name: str) -> bool:
    """Whether a limit may be higher than its request."""
    return is_native(name) and not is_huge_page(name)


def is_attachable_volume(name: str) -> bool:
    """The old way to bound the volumes of a node."""
    return name.startswith(_ATTACHABLE_VOLUMES_PREFIX)
