"""`jsonpath`: kubectl's templates over two documents."""

from kcore.machinery.frozen import loads
from kcore.machinery.jsonpath import JsonPath, JsonPathError, relaxed_template
from tests.conformance.registry import Registry

registry = Registry("machinery")

DOCUMENTS = {}


@registry.prepares
def remember_documents(records):
    for record in records:
        if record["topic"] == "jsonpath/document":
            DOCUMENTS[record["in"]["name"]] = record["out"]["document"]


@registry.answers("jsonpath/document")
def document(given):
    return {"document": DOCUMENTS[given["name"]]}


@registry.answers("jsonpath")
def render(given):
    try:
        template = JsonPath.parse(given["template"])
    except JsonPathError as error:
        return {"error": str(error), "stage": "parse"}
    data = loads(DOCUMENTS[given["document"]])
    options = {
        "allow_missing_keys": given["allowMissingKeys"],
        "json_output": given["jsonOutput"],
    }
    try:
        return {"text": template.render(data, **options)}
    except JsonPathError as error:
        return {"error": str(error), "partial": "", "stage": "execute"}


@registry.answers("workloads/relaxedJSONPath")
def relaxed(given):
    try:
        return {"expression": relaxed_template(given["expression"])}
    except JsonPathError as error:
        return {"error": str(error)}
