"""Writes the committed typed views `kcore/api/<group>_<version>/models.py`.

Making a class costs a quarter of a millisecond, and core/v1 has more than 200: there each family of
kinds has a module of its own, `models_pod.py` beside `models.py`, which loads them by name.

    python tools/generate_models.py DIRECTORY

DIRECTORY holds the facts of one Kubernetes release: `openapi-v3.json.gz` (types, enums, required
fields of the default API), `fields.json` (upstream's order of fields) and `resources.json` (the
served group versions). No description is copied; the output is byte for byte reproducible.
Classes stand after those they use, so that annotations are objects and not text wherever upstream
has no recursion: pydantic evaluates text, which costs import time.
"""

import gzip
import json
import keyword
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from kcore.machinery.model import wire_name

API = Path(__file__).parent.parent / "kcore" / "api"
PREFIX = "io.k8s."
SCHEMA_OF = "#/components/schemas/"
# Not kinds and not part of one: the document of /version, and the body of a patch.
LEFT_OUT = {
    "io.k8s.apimachinery.pkg.apis.meta.v1.Patch",
    "io.k8s.apimachinery.pkg.version.Info",
}
EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
# Types with a JSON form of their own, which OpenAPI describes too loosely.
OWN_FORM = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "QuantityText",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "dict[str, Any]",
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "Time",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "Time",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "dict[str, Any]",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "IntOrString",
    EXTENSIONS + "JSON": "Any",
    EXTENSIONS + "JSONSchemaPropsOrArray": '"JSONSchemaProps | list[JSONSchemaProps]"',
    EXTENSIONS + "JSONSchemaPropsOrBool": '"JSONSchemaProps | Bool"',
    EXTENSIONS + "JSONSchemaPropsOrStringArray": '"JSONSchemaProps | list[str]"',
}
SCALARS = {
    ("string", ""): "str",
    ("string", "byte"): "str",
    ("string", "date-time"): "Time",
    ("boolean", ""): "Bool",
    ("integer", ""): "Int64",
    ("integer", "int32"): "Int32",
    ("integer", "int64"): "Int64",
    ("number", ""): "Float",
    ("number", "double"): "Float",
    ("object", ""): "dict[str, Any]",
}
# The families of a large group version, with the kinds they begin from. What several of them use
# is their common part.
FAMILIES = {
    "core_v1": {
        "node": ("Node",),
        "pod": ("Binding", "Pod", "PodTemplate", "ReplicationController"),
        "volume": ("PersistentVolume", "PersistentVolumeClaim"),
    }
}
SHARED, REST = "shared", "other"
FROM_MODEL = (
    "ENUM", "NULLABLE", "Bool", "Float", "Int32", "Int64", "IntOrString", "KindModel", "Model",
    "QuantityText", "Time",
)  # fmt: skip
WORDS = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z0-9]+")
TAKEN = {name for name in dir(BaseModel) if not name.startswith("_")} | {
    "from_frozen", "from_object", "gvk", "to_frozen", "to_object",
    "bool", "dict", "float", "int", "list", "str",
}  # fmt: skip


@dataclass
class Module:
    """One file to write: classes in order, and what they import by module."""

    package: str
    part: str = ""
    classes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    imports: dict[str, set[str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`core_v1.models_pod`."""
        return f"{self.package}.models{'_' * bool(self.part)}{self.part}"


def package_of(schema: str) -> str:
    """`io.k8s.api.core.v1.Pod` -> `core_v1`."""
    *_, group, version, _ = schema.split(".")
    return f"{group}_{version}"


def family_of(schema: str) -> str:
    """The family of a kind, and of lists of it, within its group version."""
    kind = schema.rpartition(".")[2].removesuffix("List")
    families = FAMILIES.get(package_of(schema), {})
    return next((family for family, kinds in families.items() if kind in kinds), REST)


def python_name(wire: str) -> str:
    """A field's name in Python: `podIPs` -> `pod_ips`, `from` -> `from_`, `$ref` -> `ref`."""
    name = "_".join(word.lower() for word in WORDS.findall(wire))
    return name + "_" if keyword.iskeyword(name) or name in TAKEN else name


def references(schema: Any) -> Iterator[str]:
    """Names of the schemas a schema uses, in order."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].removeprefix(SCHEMA_OF)
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def nil_is_null(row: dict[str, Any]) -> bool:
    """Whether Go writes the empty value of a schema as null: lists, maps, objects, times."""
    if row.get("type") in {"array", "object"}:
        return True
    return any(
        OWN_FORM.get(name) not in {"QuantityText", "IntOrString"} for name in references(row)
    )


class Writer:
    """Turns schemas into modules."""

    def __init__(self, schemas: dict[str, Any], fields: dict[str, Any]) -> None:
        self.schemas = schemas
        self.types = fields["types"]
        self.modules: dict[str, Module] = {}
        self.parts = self.parts_of_families()
        self.written: set[str] = set()
        self.open: set[str] = set()

    def write_all(self) -> None:
        """Every schema, each after those it uses."""
        for name in sorted(self.schemas):
            self.write(name)

    def parts_of_families(self) -> dict[str, str]:
        """Schema -> the part of its group version, where that has parts."""
        users: dict[str, set[str]] = {}
        for name in self.schemas:
            if self.schemas[name].get("x-kubernetes-group-version-kind"):
                for used in self.reached(name):
                    users.setdefault(used, set()).add(family_of(name))
        return {
            name: found.pop() if len(found := users.get(name) or {REST}) == 1 else SHARED
            for name in self.schemas
            if package_of(name) in FAMILIES
        }

    def reached(self, name: str) -> set[str]:
        """The schema, and all of its own group version that it is made of."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one not in found and one in self.schemas and package_of(one) == package_of(name):
                found.add(one)
                waiting.extend(references(self.schemas[one]))
        return found

    def module_of(self, name: str) -> Module:
        """The module that a class stands in."""
        module = Module(package_of(name), self.parts.get(name, ""))
        return self.modules.setdefault(module.name, module)

    def write(self, name: str) -> None:
        """One class, after those it uses; recursion leaves the inner use to a quoted name."""
        if name in self.written or name in self.open or name in OWN_FORM:
            return
        self.open.add(name)
        for used in references(self.schemas[name]):
            self.write(used)
        module = self.module_of(name)
        module.names.append(name.rpartition(".")[2])
        module.classes.append(self.class_text(module, name))
        self.open.discard(name)
        self.written.add(name)

    def class_text(self, module: Module, name: str) -> str:
        """`class Pod(KindModel): ...`."""
        schema = self.schemas[name]
        kinds = schema.get("x-kubernetes-group-version-kind", [])
        defaults: dict[str, str] = {}
        if len(kinds) == 1 and {"apiVersion", "kind"} <= schema["properties"].keys():
            group, version = kinds[0]["group"], kinds[0]["version"]
            defaults["apiVersion"] = f"{group}/{version}" if group else version
            defaults["kind"] = kinds[0]["kind"]
        lines = [f"class {name.rpartition('.')[2]}({'KindModel' if defaults else 'Model'}):"]
        for wire in self.order(name, schema.get("properties", {})):
            if wire in defaults:
                lines.append(f'    {python_name(wire)}: str = "{defaults[wire]}"')
            else:
                lines.append("    " + self.field_text(module, schema, wire))
        return "\n".join(lines if len(lines) > 1 else [*lines, "    pass"])

    def order(self, name: str, properties: dict[str, Any]) -> list[str]:
        """Upstream's order of fields, inlined ones in place."""
        path, _, kind = name.removeprefix(PREFIX).rpartition(".")
        declared = list(self.declared(f"{path.replace('.', '/')}.{kind}"))
        return sorted(properties, key=lambda wire: (declared.index(wire), wire))

    def declared(self, type_name: str) -> Iterator[str]:
        """JSON names of a Go type."""
        for one in self.types[type_name]:
            if one.get("inline"):
                yield from self.declared(one["type"].removeprefix("*"))
            else:
                yield one["json"]

    def field_text(self, module: Module, schema: dict[str, Any], wire: str) -> str:
        """`node_name: str | None = None`."""
        row = schema["properties"][wire]
        name = python_name(wire)
        kind = self.type_text(module, row)
        required = wire in schema.get("required", ())
        markers = [] if wire_name(name) == wire else [f'Field(alias="{wire}")']
        if required and nil_is_null(row):
            markers.insert(0, "NULLABLE")
        if not required and kind != "Any":
            kind = f'{kind[:-1]} | None"' if kind.endswith('"') else f"{kind} | None"
        if markers:
            kind = f"Annotated[{kind}, {', '.join(markers)}]"
        return f"{name}: {kind}" if required else f"{name}: {kind} = None"

    def type_text(self, module: Module, row: dict[str, Any]) -> str:
        """The annotation of a schema."""
        if "allOf" in row:
            return self.type_text(module, row["allOf"][0])
        if "$ref" in row:
            return self.reference_text(module, row["$ref"].removeprefix(SCHEMA_OF))
        if "enum" in row:
            names = ", ".join(json.dumps(name) for name in row["enum"])
            return f"Annotated[Literal[{names}], ENUM]"
        if row.get("type") == "array":
            return quoted("list[{}]", self.element_text(module, row["items"]))
        if "additionalProperties" in row:
            return quoted("dict[str, {}]", self.element_text(module, row["additionalProperties"]))
        return SCALARS[row["type"], row.get("format", "")]

    def element_text(self, module: Module, row: dict[str, Any]) -> str:
        """The annotation of what a list or map holds; a time there is null when it is zero."""
        kind = self.type_text(module, row)
        return "Annotated[Time, NULLABLE]" if kind == "Time" else kind

    def reference_text(self, module: Module, name: str) -> str:
        """A class of this module or, imported, of another."""
        if name in OWN_FORM:
            return OWN_FORM[name]
        kind, package = name.rpartition(".")[2], package_of(name)
        if package != module.package:
            module.imports.setdefault(f"{package}.models", set()).add(kind)
            return kind
        if (home := self.module_of(name)) is not module:
            module.imports.setdefault(home.name, set()).add(kind)
            return kind
        return kind if name in self.written else f'"{kind}"'


def quoted(form: str, inner: str) -> str:
    """Put a type inside another; quotes go outside."""
    if inner.startswith('"'):
        return f'"{form.format(inner[1:-1])}"'
    return form.format(inner)


def module_text(module: Module, release: str) -> str:
    """A whole file."""
    body = "\n\n\n".join(module.classes)
    code = re.sub(r'Literal\[[^\]]*\]|alias="[^"]*"', "Literal", body)
    used = set(re.findall(r"\w+", code))
    typing = sorted({"Annotated", "Any", "Literal"} & used)
    base = sorted(used.intersection(FROM_MODEL))
    parts = [
        head(module.package, release, ""),
        f"from typing import {', '.join(typing)}\n\n" if typing else "",
        "from pydantic import Field\n\n" if "Field" in used else "",
        *(
            f"from kcore.api.{home} import {', '.join(sorted(kinds))}\n"
            for home, kinds in sorted(module.imports.items())
        ),
        f"from kcore.machinery.model import {', '.join(base)}\n",
        f"\n{offered(module.names)}\n\n{body}\n",
    ]
    return "".join(parts)


def head(package: str, release: str, more: str) -> str:
    """The docstring of a file."""
    group, _, version = package.rpartition("_")
    return (
        f'"""Typed views of {group}/{version}, Kubernetes {release}{more}.\n\n'
        'Generated by tools/generate_models.py; do not edit.\n"""\n\n'
    )


def offered(names: list[str]) -> str:
    """`__all__`."""
    lines = "".join(f'    "{name}",\n' for name in sorted(names))
    return f"__all__ = [\n{lines}]\n"


def names_text(modules: list[Module], release: str) -> str:
    """The file that offers the classes of several parts, and loads each part on first use."""
    known = "".join(
        f"    from kcore.api.{module.name} import (\n"
        + "".join(f"        {name},\n" for name in sorted(module.names))
        + "    )\n"
        for module in modules
    )
    homes = "".join(
        f'            "kcore.api.{module.name}": (\n'
        + "".join(f'                "{name}",\n' for name in sorted(module.names))
        + "            ),\n"
        for module in modules
    )
    return (
        head(modules[0].package, release, ": each part is loaded on first use")
        + "from typing import TYPE_CHECKING\n\n"
        + "from kcore.machinery.lazy_views import lazy_parts\n\n"
        + f"if TYPE_CHECKING:\n{known}else:\n"
        + "    __getattr__, __dir__ = lazy_parts(\n        __name__,\n        {\n"
        + f"{homes}        }},\n    )\n\n"
        + offered([name for module in modules for name in module.names])
    )


def main(directory: str) -> None:
    """Read the facts in `directory` and write the modules."""
    source = Path(directory)
    fields = json.loads((source / "fields.json").read_text())
    documents = json.loads(gzip.decompress((source / "openapi-v3.json.gz").read_bytes()))
    schemas: dict[str, Any] = {}
    for _, document in sorted(documents.items()):
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            if name not in LEFT_OUT:
                schemas.setdefault(name, schema)
    writer = Writer(schemas, fields)
    writer.write_all()
    for name, module in sorted(writer.modules.items()):
        path = API / f"{name.replace('.', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(module_text(module, fields["kubernetes"]))
    for package in FAMILIES:
        parts = [one for _, one in sorted(writer.modules.items()) if one.package == package]
        (API / package / "models.py").write_text(names_text(parts, fields["kubernetes"]))
    served = {row["schema"] for row in json.loads((source / "resources.json").read_text())}
    if absent := sorted(served - writer.written):
        sys.exit(f"no model for {', '.join(absent)}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
