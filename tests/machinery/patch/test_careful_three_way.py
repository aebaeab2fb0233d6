"""The careful patch of client-side apply refuses to undo what others did."""

import pytest

from kcore.machinery.frozen import freeze
from kcore.machinery.patch.go_values import StrategicPatchError
from kcore.machinery.patch.patch_schema import patch_schema
from kcore.machinery.patch.three_way import PatchConflictError, careful_three_way

SCHEMA = patch_schema("apps/v1", "Deployment")


def deployment(image="x", finalizers=(), **labels):
    container = {"name": "c", "image": image}
    return freeze(
        {
            "metadata": {"labels": labels, "finalizers": list(finalizers)},
            "spec": {"template": {"spec": {"containers": [container]}}},
        }
    )


def careful(last, wanted, live):
    return careful_three_way(last, wanted, live, SCHEMA)


def test_changes_of_different_fields_go_together():
    scaled = deployment().set(("spec", "replicas"), 9)
    patch = careful(deployment(), deployment(image="y"), scaled)

    assert patch["spec"]["template"]["spec"]["containers"][0]["image"] == "y"


def test_a_field_that_both_changed_differently_is_a_conflict():
    with pytest.raises(PatchConflictError) as caught:
        careful(deployment(), deployment(image="y"), deployment(image="z"))

    assert "conflicts with changes made from original to current" in str(caught.value)


def test_the_same_change_twice_is_none():
    both = deployment(image="y")

    assert careful(deployment(), both, both) == {}


def test_a_value_that_is_taken_back_while_somebody_changed_it_is_a_conflict():
    with pytest.raises(PatchConflictError):
        careful(deployment(a="1"), deployment(), deployment(a="2"))


def test_scalars_that_merge_never_conflict():
    last, wanted = deployment(finalizers=["a"]), deployment(finalizers=["a", "b"])

    patch = careful(last, wanted, deployment(finalizers=["a", "c"]))

    assert "b" in patch["metadata"]["finalizers"]


def test_a_rename_is_refused_first():
    last = freeze({"metadata": {"name": "a"}})

    with pytest.raises(StrategicPatchError, match="precondition failed"):
        careful(last, freeze({"metadata": {"name": "b"}}), freeze({"metadata": {"name": "c"}}))
