"""What strict decoding says follows the text: its order, its repetitions, its digits."""

import pytest

from kcore.machinery.object_text import ObjectTextError, read_object
from kcore.machinery.resource import GroupVersionKind


def pod(spec, **kwargs):
    return read_object(f'{{"apiVersion":"v1","kind":"Pod","spec":{{{spec}}}}}', **kwargs)


def service(port):
    return read_object(f'{{"apiVersion":"v1","kind":"Service","spec":{{"ports":[{{{port}}}]}}}}')


def test_problems_come_in_the_order_of_the_text():
    found = pod('"z":1,"hostPID":true,"a":{"x":1,"x":2},"hostPID":false,"z":2')

    assert found.problems == (
        'unknown field "spec.z"',
        'unknown field "spec.a"',
        'duplicate field "spec.hostPID"',
    )


def test_problems_are_a_hundred_at_most():
    spec = ",".join(f'"unknown{n}":1' for n in range(150))

    assert len(pod(spec).problems) == 100


def test_the_last_of_two_scalars_counts_and_null_does_not():
    assert pod('"nodeName":"a","nodeName":"b"').object["spec"]["nodeName"] == "b"
    assert pod('"nodeName":"a","nodeName":null').object["spec"]["nodeName"] == "a"


def test_repeated_structs_merge_and_repeated_pointers_can_be_cleared():
    merged = pod('"securityContext":{"runAsUser":1},"securityContext":{"fsGroup":2}')
    cleared = pod('"securityContext":{"runAsUser":1},"securityContext":null')

    assert merged.object["spec"]["securityContext"] == {"runAsUser": 1, "fsGroup": 2}
    assert "securityContext" not in cleared.object["spec"]


def test_repeated_lists_overwrite_element_by_element():
    ports = service('"port":1,"name":"a"},{"port":2}],"ports":[{"port":3').object["spec"]["ports"]

    assert ports == [{"name": "a", "port": 3, "targetPort": 0}]


def test_repeated_maps_gain_keys():
    found = pod('"nodeSelector":{"a":"1"},"nodeSelector":{"b":"2"}')

    assert found.object["spec"]["nodeSelector"] == {"a": "1", "b": "2"}


@pytest.mark.parametrize("literal", ["1.0", "1e3", "9223372036854775808", "1.5"])
def test_whole_numbers_are_digits(literal):
    with pytest.raises(ObjectTextError) as caught:
        pod(f'"activeDeadlineSeconds":{literal}')

    assert caught.value.message == (
        f"json: cannot unmarshal number {literal} into Go struct field "
        "PodSpec.spec.activeDeadlineSeconds of type int64"
    )


def test_quantities_keep_all_their_digits():
    found = pod('"overhead":{"memory":9223372036854775808}')

    assert found.object["spec"]["overhead"] == {"memory": "9223372036854775808"}


def test_a_type_that_decodes_itself_has_the_last_word():
    with pytest.raises(ObjectTextError, match="quantities must match"):
        pod('"nodeName":1,"overhead":{"cpu":"x"}')


def test_the_first_wrong_type_is_the_error():
    with pytest.raises(
        ObjectTextError, match=r"number into Go struct field PodSpec\.spec\.nodeName"
    ):
        pod('"nodeName":1,"hostPID":"x"')


@pytest.mark.parametrize(
    ("text", "message", "sort"),
    [
        ("{", "couldn't get version/kind; json parse error: unexpected end of JSON input", ""),
        ("[]", "couldn't get version/kind; json parse error: json: cannot unmarshal array", ""),
        ('{"kind":1}', "cannot unmarshal number into Go struct field .kind of type string", ""),
        ('{"apiVersion":"v1"}', "Object 'Kind' is missing in '{", "missing kind"),
        ('{"kind":"Pod"}', "Object 'apiVersion' is missing in '{", "missing version"),
        ('{"kind":"Pod","apiVersion":"a/b/c"}', "unexpected GroupVersion string: a/b/c", ""),
        ('{"kind":"P","apiVersion":"v1"}', 'no kind "P" is registered for', "not registered"),
    ],
)
def test_texts_that_name_no_kind(text, message, sort):
    with pytest.raises(ObjectTextError) as caught:
        read_object(text)

    assert message in caught.value.message
    assert caught.value.sort == sort


def test_the_case_of_kind_and_version_does_not_matter_for_finding_them():
    found = read_object('{"APIVERSION":"v1","Kind":"ConfigMap"}')

    assert found.gvk == GroupVersionKind("", "v1", "ConfigMap")
    assert found.problems == ('unknown field "APIVERSION"', 'unknown field "Kind"')


def test_a_default_kind_stands_in():
    found = read_object('{"data":{}}', default=GroupVersionKind("", "v1", "ConfigMap"))

    assert found.gvk.kind == "ConfigMap"


def test_yaml_reports_repeated_keys_as_its_parser_does():
    found = read_object("apiVersion: v1\nkind: ConfigMap\ndata:\n  a: b\n  a: c\n", is_yaml=True)

    assert found.object["data"] == {"a": "c"}
    assert found.problems == ('yaml: unmarshal errors:\n  line 5: key "a" already set in map',)


def test_schemas_of_definitions_are_decoded_apart():
    schema = '"properties":{"a":{"items":{"bogus":1,"type":"string","type":"object"}}}'
    found = read_object(
        '{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","spec":'
        f'{{"versions":[{{"name":"v1","schema":{{"openAPIV3Schema":{{{schema}}}}}}}]}}}}'
    )

    assert found.problems == ()
