"""Which rules a new object and a change of which kind must pass, metadata apart."""

from collections.abc import Mapping
from typing import Final

from kcore.api.object_rules import Validation

VALIDATIONS: Final[Mapping[tuple[str, str], Validation]] = {}
