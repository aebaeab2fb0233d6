"""`kcore explain` lists fields in kubectl's layout, and refuses in kubectl's words."""

import pytest

from kcore.api.catalog import default_scheme
from kcore.api.field_facts import built_in_fields
from kcore.cli.explain_layout import explained

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.ex.io}
spec:
  group: ex.io
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1alpha1
    served: true
    storage: false
    schema: {openAPIV3Schema: {type: object, properties: {old: {type: string}}}}
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        description: A thing of our own.
        properties:
          spec:
            type: object
            description: What is wanted.
            required: [size]
            properties:
              size: {type: integer, minimum: 1, description: How big.}
              parts: {type: array, items: {type: object, properties: {name: {type: string}}}}
              limits: {type: object, additionalProperties: {type: integer}}
              color: {type: string, enum: [red, blue]}
"""
HEAD = "GROUP:      ex.io\nKIND:       Widget\nVERSION:    v1\n\n"


@pytest.fixture
def definition(tmp_path):
    path = tmp_path / "crd.yaml"
    path.write_text(DEFINITION, encoding="utf-8")
    return path


def test_a_kind(kcore):
    assert kcore("explain", "deploy").out == (
        "GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n\n"
        "FIELDS:\n"
        "  apiVersion\t<string>\n"
        "  kind\t<string>\n"
        "  metadata\t<ObjectMeta>\n"
        "  spec\t<DeploymentSpec> -required-\n"
        "  status\t<DeploymentStatus>\n"
    )


def test_a_field_with_fields(kcore):
    outcome = kcore("explain", "pods.spec.containers.ports")

    assert outcome.code == 0
    assert outcome.out == (
        "KIND:       Pod\nVERSION:    v1\n\n"
        "FIELD: ports <[]ContainerPort>\n\n"
        "FIELDS:\n"
        "  containerPort\t<integer> -required-\n"
        "  hostIP\t<string>\n"
        "  hostPort\t<integer>\n"
        "  name\t<string>\n"
        "  protocol\t<string>\n"
        "  enum: SCTP, TCP, UDP\n"
    )


def test_a_field_with_an_enum(kcore):
    assert kcore("explain", "Pod.spec.restartPolicy").out == (
        "KIND:       Pod\nVERSION:    v1\n\n"
        "FIELD: restartPolicy <string>\n"
        "ENUM:\n    Always\n    Never\n    OnFailure\n"
    )


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("pod.spec.containers.resources", "  limits\t<map[string]Quantity>\n"),
        ("deploy.spec.strategy.rollingUpdate", "  maxSurge\t<IntOrString>\n"),
        ("pod.metadata", "  creationTimestamp\t<string>\n"),
        ("pod.metadata.managedFields", "  fieldsV1\t<FieldsV1>\n"),
        ("cm", "  data\t<map[string]string>\n"),
        ("crd.spec.versions.schema.openAPIV3Schema", "  maximum\t<number>\n"),
    ],
)
def test_types_are_those_that_kubectl_guesses(kcore, path, line):
    assert line in kcore("explain", path).out


def test_a_group_may_be_named(kcore):
    assert "FIELD: schedule <string>" in kcore("explain", "cronjobs.batch.spec.schedule").out
    assert "GROUP:      events.k8s.io\n" in kcore("explain", "events.events.k8s.io").out


def test_all_the_way_down(kcore):
    lines = kcore("explain", "pod.spec", "--recursive").out.splitlines()

    start = lines.index("  affinity\t<Affinity>")
    assert lines[start + 1] == "    nodeAffinity\t<NodeAffinity>"
    assert "      imagePullPolicy\t<string>" not in lines
    here = lines.index("    imagePullPolicy\t<string>")
    assert lines[here + 1] == "    enum: Always, IfNotPresent, Never"


def test_schemas_inside_themselves_end(kcore):
    lines = kcore("explain", "crd.spec.versions", "--recursive").out.splitlines()

    assert "    openAPIV3Schema\t<JSONSchemaProps>" in lines
    assert "      not\t<JSONSchemaProps>" in lines
    assert len(lines) < 100


def test_a_field_that_is_not_there(kcore):
    outcome = kcore("explain", "pod.spec.nope.deeper")

    assert (outcome.code, outcome.out) == (1, "KIND:       Pod\nVERSION:    v1\n\n")
    assert outcome.err == 'error: field "nope" does not exist\n'
    assert kcore("explain", "pod.spec.hostname.x").err == 'error: field "x" does not exist\n'


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("widgets",), 'the server doesn\'t have a resource type "widgets"'),
        (
            ("deploy", "--api-version", "apps/v9"),
            'couldn\'t find resource for "apps/v9, Resource=deploy"',
        ),
        (
            (),
            "You must specify the type of resource to explain. "
            'Use "kubectl api-resources" for a complete list of supported resources.',
        ),
    ],
)
def test_what_is_no_resource(kcore, arguments, text):
    outcome = kcore("explain", *arguments)

    assert (outcome.code, outcome.out, outcome.err) == (1, "", f"error: {text}\n")


def test_another_version_may_be_asked_for(kcore):
    assert "VERSION:    v1\n" in kcore("explain", "hpa", "--api-version", "autoscaling/v1").out
    assert "VERSION:    v2\n" in kcore("explain", "hpa").out


def test_a_custom_kind_with_descriptions(kcore, definition):
    assert kcore("explain", "widget.spec", "-f", definition).out == (
        f"{HEAD}FIELD: spec <Object>\n\n\n"
        "DESCRIPTION:\n    What is wanted.\n    \n"
        "FIELDS:\n"
        "  color\t<string>\n  enum: red, blue\n    <no description>\n\n"
        "  limits\t<map[string]integer>\n    <no description>\n\n"
        "  parts\t<[]Object>\n    <no description>\n\n"
        "  size\t<integer> -required-\n    How big.\n\n\n"
    )


def test_a_custom_field_without_fields(kcore, definition):
    assert kcore("explain", "wd.spec.size", "-f", definition).out == (
        f"{HEAD}FIELD: size <integer>\n\n\nDESCRIPTION:\n    How big.\n    \n\n"
    )


def test_a_custom_kind_has_what_every_object_has(kcore, definition):
    out = kcore("explain", "widgets.ex.io", "-f", definition).out

    assert out.startswith(f"{HEAD}DESCRIPTION:\n    A thing of our own.\n    \nFIELDS:\n")
    assert "  metadata\t<ObjectMeta>\n" in out
    assert "  name\t<string>\n" in kcore("explain", "wd.metadata", "-f", definition).out


def test_versions_of_a_custom_kind(kcore, definition):
    older = kcore("explain", "wd.old", "-f", definition, "--api-version", "ex.io/v1alpha1")

    assert "VERSION:    v1alpha1\n" in older.out
    assert kcore("explain", "wd.old", "-f", definition).code == 1


def test_long_descriptions_are_wrapped(kcore, definition):
    words = "word " * 40
    definition.write_text(DEFINITION.replace("How big.", words), encoding="utf-8")
    lines = kcore("explain", "wd.spec.size", "-f", definition).out.splitlines()

    described = [line for line in lines if line.startswith("    word")]
    assert len(described) > 2
    assert max(map(len, described)) <= 80


def test_every_served_kind_can_be_explained():
    for info in default_scheme():
        fields = built_in_fields(info.gvk)
        assert fields is not None, info.gvk
        assert explained(info.gvk, fields, recursive=True)
