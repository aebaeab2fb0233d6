"""PriorityClass: user values have a ceiling, system names are taken, values never change."""

import pytest

from kcore.api.rules import rules_for
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import freeze

RESERVED = "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved"


def priority_class(name="high", value=1000, **fields):
    return freeze(
        {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": name},
            "value": value,
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("obj", "message"),
    [
        (priority_class(value=1_000_000_000), ""),
        (
            priority_class(value=1_000_000_001),
            "value: Forbidden: maximum allowed value of a user defined priority is 1000000000",
        ),
        (priority_class("system-mine"), RESERVED),
        (priority_class("system-node-critical", 7), RESERVED),
        (priority_class("system-node-critical", 2_000_001_000, globalDefault=True), RESERVED),
        (priority_class("system-node-critical", 2_000_001_000), ""),
        (priority_class(preemptionPolicy="Sometimes"), "preemptionPolicy: Unsupported value"),
    ],
)
def test_new_classes(obj, message):
    errors = FieldErrors()
    rules_for("scheduling.k8s.io", "PriorityClass").validate(obj, errors)

    assert errors.message().startswith(message)
    assert bool(len(errors)) == bool(message)


def test_changes():
    rules, errors = rules_for("scheduling.k8s.io", "PriorityClass"), FieldErrors()
    old = priority_class(preemptionPolicy="Never")
    new = priority_class(value=1, preemptionPolicy="PreemptLowerPriority", description="words")
    rules.validate_update(new, old, errors)

    own = [str(error) for error in errors if not error.field.startswith("metadata")]
    assert own == [
        "value: Forbidden: may not be changed in an update.",
        'preemptionPolicy: Invalid value: "PreemptLowerPriority": field is immutable',
    ]
