"""What the API server must know of a kind: its defaults, its rules, its selectable fields.

Everything here is decided by one object, or by its old and new form; what needs other objects is
admission, what the server itself writes (status, generation, addresses) is strategy.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import FrozenMap

Default = Callable[[FrozenMap], FrozenMap]
Validate = Callable[[FrozenMap, FieldErrors], None]
ValidateUpdate = Callable[[FrozenMap, FrozenMap, FieldErrors], None]
FieldLabel = Callable[[FrozenMap], str]
NameFormat = Literal["dns_subdomain", "dns_label", "dns1035_label", "path_segment"]

NO_FIELD_LABELS: Final[Mapping[str, FieldLabel]] = MappingProxyType({})


def unchanged(obj: FrozenMap) -> FrozenMap:
    """No defaults."""
    return obj


@dataclass(frozen=True, slots=True)
class KindRules:
    """The rules of one kind, as pure functions on decoded objects (`machinery.schema`).

    Attributes:
        default: fills in what upstream's defaulting fills in; returns the object itself when
            nothing is missing.
        validate: appends the problems of a new object, in upstream's order.
        validate_update: appends the problems of changing `old` into `new`: (new, old, errors).
        validate_metadata: appends the problems of a change of metadata alone; None: generic ones.
        validate_status: appends the problems of a change through the status endpoint; None:
            those of metadata.
        field_labels: field selectors beyond `metadata.name` and `metadata.namespace`.
        has_status: a status that only the `status` subresource writes.
        has_generation: `metadata.generation` counts changes of the spec.
        name_format: which names are legal.
    """

    default: Default
    validate: Validate
    validate_update: ValidateUpdate
    validate_metadata: ValidateUpdate | None = None
    validate_status: ValidateUpdate | None = None
    field_labels: Mapping[str, FieldLabel] = field(default_factory=lambda: NO_FIELD_LABELS)
    has_status: bool = False
    has_generation: bool = False
    name_format: NameFormat = "dns_subdomain"
