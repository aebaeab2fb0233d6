"""Which functions check a new object and a change of which kind, metadata included."""

from collections.abc import Mapping
from typing import Final

from kcore.api.kind_rules import Validate, ValidateUpdate

VALIDATIONS: Final[Mapping[tuple[str, str], tuple[Validate, ValidateUpdate]]] = {}
