"""Which rows' labels meet a condition: looked up per value of a label, not per row.

A node selector names a few labels, and rows have an id per value of each. So a condition is asked
about values, and the answers are spread over the rows by their ids.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy
from numpy.typing import NDArray

from kcore.api.core_v1.node_selector import NodeSelectorTerm
from kcore.machinery.labels import Requirement
from kcore.machinery.labels.requirement import IN
from kcore.scheduler.packed.kernels import Gate
from kcore.scheduler.packed.node_rows import LabelDomains, NodeRows

Mask: TypeAlias = NDArray[numpy.bool_]
"""Yes or no per row."""

_NOBODY = numpy.zeros(1, dtype=numpy.int64)


def rows_with_label(domains: LabelDomains, values: Iterable[str]) -> Mask:
    """Rows whose label has one of these values. O(rows + values)."""
    # One more, for rows without the label: their id, -1, finds the last.
    is_meant = numpy.zeros(len(domains.values) + 1, dtype=numpy.bool_)
    for value in values:
        found = domains.values.get(value)
        if found is not None:
            is_meant[found] = True
    mask: Mask = is_meant[domains.ids]
    return mask


def rows_matching(rows: NodeRows, terms: Sequence[NodeSelectorTerm]) -> Mask:
    """Rows whose labels one of the terms matches, as `term.matches(labels, "")` has it.

    O(rows * requirements), and O(values of the label) for a requirement other than `In`.
    """
    mask = numpy.zeros(len(rows), dtype=numpy.bool_)
    for term in terms:
        if not term.errors:
            mask |= _matching_term(rows, term)
    return mask


def gate_of(mask: Mask) -> Gate:
    """A gate that lets the rows of the mask through."""
    return mask.astype(numpy.int32) - 1, _NOBODY, 0, 0, False


def _matching_term(rows: NodeRows, term: NodeSelectorTerm) -> Mask:
    mask = numpy.ones(len(rows), dtype=numpy.bool_)
    if term.labels is not None:
        for one in term.labels.requirements:
            mask &= _meeting(rows.domains_of(one.key), one)
    return mask


def _meeting(domains: LabelDomains, requirement: Requirement) -> Mask:
    if requirement.operator == IN:
        return rows_with_label(domains, requirement.values)
    key = requirement.key
    answers: list[Any] = [requirement.matches({key: value}) for value in domains.values]
    answers.append(requirement.matches({}))
    mask: Mask = numpy.array(answers, dtype=numpy.bool_)[domains.ids]
    return mask
