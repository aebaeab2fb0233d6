"""Labels and selectors: parse, compile, match, print."""

from kcore.machinery.labels.grammar import parse_labels_map, parse_selector
from kcore.machinery.labels.requirement import Requirement, SelectorError, requirement
from kcore.machinery.labels.selector import (
    EVERYTHING,
    NOTHING,
    Selector,
    format_label_selector,
    from_label_selector,
    from_set,
    from_validated_set,
    label_selector_as_map,
    to_label_selector,
)
from kcore.machinery.labels.selector_index import SelectorIndex

__all__ = [
    "EVERYTHING",
    "NOTHING",
    "Requirement",
    "Selector",
    "SelectorError",
    "SelectorIndex",
    "format_label_selector",
    "from_label_selector",
    "from_set",
    "from_validated_set",
    "label_selector_as_map",
    "parse_labels_map",
    "parse_selector",
    "requirement",
    "to_label_selector",
]
