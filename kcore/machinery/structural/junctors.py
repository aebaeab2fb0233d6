"""Schemas joined by `allOf`, `anyOf`, `oneOf` and `not`."""

from typing import Any, Protocol

from kcore.machinery.field_errors import FieldError
from kcore.machinery.frozen import ABSENT
from kcore.machinery.go_text import quote
from kcore.machinery.structural.structural_schema import Structural


class Walk(Protocol):
    """A validation under way, as far as it is needed here."""

    errors: list[FieldError]
    matches: int

    def fork(self) -> "Walk":
        """A walk whose problems may be thrown away."""

    def note_nowhere(self, detail: str) -> None:
        """Append a problem that upstream gives no place."""

    def value(self, value: Any, old: Any, schema: Structural, name: str) -> None:
        """Check one value."""


def check_junctors(walk: Walk, value: Any, schema: Structural, name: str) -> None:
    """Append what the joined schemas say; of alternatives, what the nearest one says."""
    rules = schema.rules
    if rules.any_of:
        _check_any(walk, value, rules.any_of, name)
    if rules.one_of:
        _check_one(walk, value, rules.one_of, name)
    if rules.all_of:
        _check_all(walk, value, rules.all_of, name)
    if rules.negated is not None and not _tried(walk, value, rules.negated, name).errors:
        walk.note_nowhere(f"{quote(name)} must not validate the schema (not)")


def _tried(walk: Walk, value: Any, schema: Structural, name: str) -> Walk:
    trial = walk.fork()
    trial.value(value, ABSENT, schema, name)
    return trial


def _nearest(trials: list[Walk]) -> Walk:
    best = trials[0]
    for trial in trials[1:]:
        if trial.matches > best.matches:
            best = trial
    return best


def _check_any(walk: Walk, value: Any, schemas: tuple[Structural, ...], name: str) -> None:
    trials = []
    for schema in schemas:
        trial = _tried(walk, value, schema, name)
        if not trial.errors:
            return
        trials.append(trial)
    walk.note_nowhere(f"{quote(name)} must validate at least one schema (anyOf)")
    walk.errors.extend(_nearest(trials).errors)


def _check_one(walk: Walk, value: Any, schemas: tuple[Structural, ...], name: str) -> None:
    trials = [_tried(walk, value, schema, name) for schema in schemas]
    fitting = sum(not trial.errors for trial in trials)
    if fitting == 1:
        return
    found = f"Found {fitting} valid alternatives" if fitting else "Found none valid"
    walk.note_nowhere(f"{quote(name)} must validate one and only one schema (oneOf). {found}")
    if not fitting:
        walk.errors.extend(_nearest(trials).errors)


def _check_all(walk: Walk, value: Any, schemas: tuple[Structural, ...], name: str) -> None:
    fitting = 0
    for schema in schemas:
        trial = _tried(walk, value, schema, name)
        fitting += not trial.errors
        walk.errors.extend(trial.errors)
    if fitting < len(schemas):
        more = "" if fitting else ". None validated"
        walk.note_nowhere(f"{quote(name)} must validate all the schemas (allOf){more}")
