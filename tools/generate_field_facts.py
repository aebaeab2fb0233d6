"""Writes the committed facts behind `kcore explain`, `kcore/api/data/fields.json.gz`.

    python tools/generate_field_facts.py DIRECTORY

DIRECTORY holds `openapi-v3.json.gz` of a real API server. Of each schema the fields are kept: type
as kubectl shows it, whether it is required, its enum, and which schema lies behind it. No
description is copied; the output is byte for byte reproducible.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).parent.parent / "kcore" / "api" / "data" / "fields.json.gz"
SCHEMA_OF = "#/components/schemas/"


class Facts:
    """The schemas of all group versions, by name."""

    def __init__(self, documents: dict[str, Any]) -> None:
        self.schemas: dict[str, Any] = {}
        for _, document in sorted(documents.items()):
            for name, schema in document.get("components", {}).get("schemas", {}).items():
                self.schemas.setdefault(name, schema)
        self.names = sorted(self.schemas)
        self.places = {name: place for place, name in enumerate(self.names)}

    def document(self) -> dict[str, Any]:
        """Kinds to schemas, and per schema its fields in order of their names."""
        kinds = {}
        for name, schema in self.schemas.items():
            for one in schema.get("x-kubernetes-group-version-kind", []):
                version = f"{one['group']}/{one['version']}" if one["group"] else one["version"]
                kinds.setdefault(f"{version}/{one['kind']}", self.places[name])
        return {
            "kinds": dict(sorted(kinds.items())),
            "schemas": [self.rows(self.schemas[name]) for name in self.names],
        }

    def rows(self, schema: dict[str, Any]) -> list[list[Any]]:
        """`[name, type, place of the schema behind it or -1, required, *enum]`."""
        required = schema.get("required", [])
        return [
            [name, self.type_text(row), self.target(row), int(name in required), *enum_of(row)]
            for name, row in sorted(schema.get("properties", {}).items())
        ]

    def type_text(self, row: dict[str, Any]) -> str:
        """`[]Container`, `map[string]Quantity`, `integer`: as kubectl guesses it."""
        if "items" in row:
            return f"[]{self.type_text(row['items'])}"
        if "additionalProperties" in row:
            return f"map[string]{self.type_text(row['additionalProperties'])}"
        reference = reference_of(row)
        if reference:
            plain = self.schemas[reference].get("type", "object")
            return reference.rpartition(".")[2] if plain == "object" else plain
        text: str = row.get("type", "Object")
        return "Object" if text == "object" else text

    def target(self, row: dict[str, Any]) -> int:
        """The schema that a path goes on in, through lists and maps."""
        for through in ("items", "additionalProperties"):
            if through in row:
                return self.target(row[through])
        reference = reference_of(row)
        has_fields = reference and "properties" in self.schemas[reference]
        return self.places[reference] if has_fields else -1


def reference_of(row: dict[str, Any]) -> str:
    """The schema that a row names; empty if none."""
    whole = row["allOf"][0] if len(row.get("allOf", ())) == 1 else row
    text: str = whole.get("$ref", "")
    return text.removeprefix(SCHEMA_OF)


def enum_of(row: dict[str, Any]) -> list[str]:
    """The names that a text may be, of a list's items too."""
    found: list[str] = row.get("enum") or row.get("items", {}).get("enum") or []
    return found


def main(directory: str) -> None:
    """Read the schemas in `directory` and write the committed facts."""
    raw = (Path(directory) / "openapi-v3.json.gz").read_bytes()
    document = Facts(json.loads(gzip.decompress(raw))).document()
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    OUTPUT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
