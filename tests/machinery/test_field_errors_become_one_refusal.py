"""Problems of an object become one 422 whose texts clients can match."""

from kcore.machinery.field_errors import FieldErrors, Rendered, child, index, key
from kcore.machinery.frozen import freeze


def test_each_kind_of_problem_has_upstreams_text():
    errors = FieldErrors()
    errors.required("spec.name", "must be set")
    errors.invalid("spec.replicas", -1, "must be greater than or equal to 0")
    errors.not_supported("spec.type", "x", ("A", "B"))
    errors.duplicate("spec.ports[1]", freeze({"port": 80}))
    errors.forbidden("spec.x", "may not be set")
    errors.too_long("spec.note", 1)
    errors.too_long_characters("spec.note", 5)
    errors.too_many("spec.items", 3, 2)
    errors.too_few("spec.items", 0, 1)
    errors.too_short("spec.note", "a", 2)
    errors.not_found("spec.ref", "web")
    errors.type_invalid("spec.flag", "yes", "must be a bool")
    errors.internal("spec", "broken")
    errors.invalid("spec.raw", Rendered("[1]"), "no")
    errors.invalid("spec.html", freeze(["<a>"]), "no")

    assert list(map(str, errors)) == [
        "spec.name: Required value: must be set",
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        'spec.type: Unsupported value: "x": supported values: "A", "B"',
        'spec.ports[1]: Duplicate value: {"port":80}',
        "spec.x: Forbidden: may not be set",
        "spec.note: Too long: may not be more than 1 byte",
        "spec.note: Too long: may not be more than 5 characters",
        "spec.items: Too many: 3: must have at most 2 items",
        "spec.items: Too few: 0: must have at least 1 item",
        "spec.note: Too short: must be at least 2 characters",
        'spec.ref: Not found: "web"',
        'spec.flag: Invalid value: "yes": must be a bool',
        "spec: Internal error: broken",
        "spec.raw: Invalid value: [1]: no",
        'spec.html: Invalid value: ["\\u003ca\\u003e"]: no',
    ]


def test_the_refusal_names_kind_object_and_every_cause():
    errors = FieldErrors()
    errors.invalid("spec.replicas", -1, "must be greater than or equal to 0")
    errors.required("spec.selector")
    error = errors.to_api_error("Deployment", "apps", "web")

    assert (error.code, error.reason) == (422, "Invalid")
    assert error.message == (
        'Deployment.apps "web" is invalid: [spec.replicas: Invalid value: -1: '
        "must be greater than or equal to 0, spec.selector: Required value]"
    )
    assert [cause.to_dict() for cause in error.details.causes] == [
        {
            "reason": "FieldValueInvalid",
            "message": "Invalid value: -1: must be greater than or equal to 0",
            "field": "spec.replicas",
        },
        {
            "reason": "FieldValueRequired",
            "message": "Required value",
            "field": "spec.selector",
        },
    ]


def test_a_repeated_text_is_said_once():
    errors = FieldErrors()
    errors.required("spec.a")
    errors.required("spec.a")

    assert errors.message() == "spec.a: Required value"
    assert len(errors) == 2


def test_paths_are_built_like_upstreams():
    path = key(child(index(child("", "spec"), 0), "labels"), "a/b")

    assert path == "spec[0].labels[a/b]"
    moved = FieldErrors()
    moved.required("[0].name")
    assert str(next(iter(moved.below("spec.ports")))) == "spec.ports[0].name: Required value"
