"""Writes `kcore/api/data/openapi.json.gz`: what server-side apply needs of the OpenAPI documents.

    python tools/generate_apply_schema.py OPENAPI_V3

OPENAPI_V3 is a gzipped JSON map from path to the OpenAPI v3 document of that path, as an API server
serves them. Kept are structure, list and map types, merge keys and scalar defaults; the output is
byte for byte reproducible.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).parent.parent / "kcore" / "api" / "data" / "openapi.json.gz"
PREFIX = "io.k8s."
FREE_FORM = (
    "type",
    "format",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-map-type",
)
# Counted only where no list type is given.
STRATEGY = ("x-kubernetes-patch-strategy", "x-kubernetes-patch-merge-key")


def short(reference: str) -> str:
    """`#/components/schemas/io.k8s.api.core.v1.Pod` -> `api.core.v1.Pod`."""
    return reference.rpartition("/")[2].removeprefix(PREFIX)


def pruned(schema: dict[str, Any]) -> dict[str, Any]:
    """One schema without texts, enums and formats that do not matter."""
    kept = {key: schema[key] for key in FREE_FORM if key in schema}
    if "x-kubernetes-list-type" not in schema:
        kept |= {key: schema[key] for key in STRATEGY if key in schema}
    if kept.get("type") != "string":
        kept.pop("format", None)
    references = [schema, *schema.get("allOf", [])]
    for row in references:
        if "$ref" in row:
            kept["$ref"] = short(row["$ref"])
    if isinstance(schema.get("default"), str | int | float):
        kept["default"] = schema["default"]
    if "items" in schema:
        kept["items"] = pruned(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        kept["additionalProperties"] = pruned(schema["additionalProperties"])
    elif "additionalProperties" in schema:
        kept["additionalProperties"] = schema["additionalProperties"]
    if "properties" in schema:
        kept["properties"] = {name: pruned(row) for name, row in schema["properties"].items()}
    return kept


def document(paths: dict[str, Any]) -> dict[str, Any]:
    """All types by short name, and from `apiVersion/Kind` to type."""
    types: dict[str, Any] = {}
    kinds: dict[str, str] = {}
    for path in sorted(paths):
        schemas = paths[path].get("components", {}).get("schemas", {})
        for name, schema in schemas.items():
            row = pruned(schema)
            if types.setdefault(short(name), row) != row:
                raise ValueError(f"{name} has two structures")
            for gvk in schema.get("x-kubernetes-group-version-kind", ()):
                parts = [part for part in (gvk["group"], gvk["version"], gvk["kind"]) if part]
                kinds["/".join(parts)] = short(name)
    return {"kinds": dict(sorted(kinds.items())), "types": dict(sorted(types.items()))}


def main(source: str) -> None:
    """Read the documents and write the committed data."""
    found = document(json.loads(gzip.decompress(Path(source).read_bytes())))
    text = json.dumps(found, separators=(",", ":"), sort_keys=True)
    OUTPUT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
