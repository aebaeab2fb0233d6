"""Messages show objects in the form that upstream checks them in."""

from kcore.machinery.frozen import freeze
from kcore.machinery.internal_text import internal_difference, rendered_internal


def shown(value, type_text):
    return rendered_internal(None if value is None else freeze(value), type_text).text


def test_fields_have_go_names_and_empty_ones_are_there():
    assert shown({"kind": "Pod", "name": "p"}, "core/v1.ObjectReference") == (
        '{"Kind":"Pod","Namespace":"","Name":"p","UID":"","APIVersion":"","ResourceVersion":"",'
        '"FieldPath":""}'
    )


def test_embedded_structs_lie_flat_and_shared_ones_keep_their_names():
    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}

    text = shown([claim], "[]core/v1.PersistentVolumeClaim")

    assert text.startswith(
        '[{"name":"data","Spec":{"AccessModes":["ReadWriteOnce"],"Selector":null,'
    )


def test_nothing_is_null_for_pointers_and_zero_for_values():
    budget = shown({"minAvailable": 1}, "policy/v1.PodDisruptionBudgetSpec")

    assert budget == (
        '{"MinAvailable":1,"Selector":null,"MaxUnavailable":null,"UnhealthyPodEvictionPolicy":null}'
    )
    assert shown(None, "*core/v1.PodSecurityContext") == "null"


def test_differences_are_unified():
    before, after = freeze({"minAvailable": 1}), freeze({"minAvailable": 2})

    assert internal_difference(before, after, "policy/v1.PodDisruptionBudgetSpec") == (
        '@@ -1,5 +1,5 @@\n {\n- "MinAvailable": 1,\n+ "MinAvailable": 2,\n  "Selector": null,\n'
        '  "MaxUnavailable": null,\n  "UnhealthyPodEvictionPolicy": null\n'
    )
    assert internal_difference(before, before, "policy/v1.PodDisruptionBudgetSpec") == ""
