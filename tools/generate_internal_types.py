"""Writes `kcore/api/data/internal.json.gz`: the internal form of the API's types, field by field.

    python tools/generate_internal_types.py KUBERNETES API

KUBERNETES and API are the module directories of `k8s.io/kubernetes` and `k8s.io/api`. Upstream
checks objects in a form of their own, whose fields have Go names and an order of their own, and its
messages show it. Only names, types and order are kept, of structs that a served kind reaches.
"""

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).parent.parent / "kcore" / "api" / "data" / "internal.json.gz"

# Internal group -> the version whose Go names the committed types have.
VERSIONS = {
    "admissionregistration": "v1",
    "apps": "v1",
    "autoscaling": "v2",
    "batch": "v1",
    "certificates": "v1",
    "coordination": "v1",
    "core": "v1",
    "discovery": "v1",
    "flowcontrol": "v1",
    "networking": "v1",
    "node": "v1",
    "policy": "v1",
    "rbac": "v1",
    "resource": "v1",
    "scheduling": "v1",
    "storage": "v1",
    "storagemigration": "v1",
}
PACKAGES = {
    "k8s.io/api/core/v1": "core",
    "k8s.io/api/scheduling/v1alpha3": "scheduling",
    "k8s.io/apimachinery/pkg/apis/meta/v1": "meta/v1",
    "k8s.io/apimachinery/pkg/api/resource": "resource",
    "k8s.io/apimachinery/pkg/util/intstr": "util/intstr",
    "k8s.io/apimachinery/pkg/runtime": "runtime",
    "k8s.io/apimachinery/pkg/types": "types",
}
INTERNAL = "k8s.io/kubernetes/pkg/apis/"
SCALARS = {"types.UID": "string", "types.NodeName": "string", "intstr.Type": "int"}
STRUCT = re.compile(r"(?ms)^type (\w+) struct \{\n(.*?)^\}")
NAMED = re.compile(r"(?m)^type (\w+) ([\w\[\]*.]+)$")
TAG = re.compile(r"`([^`]*)`")
JSON_TAG = re.compile(r'json:"([^"]*)"')
IMPORT = re.compile(r'^\s*(?:(\w+)\s+)?"([^"]+)"', re.MULTILINE)
BASIC = {"string", "bool", "int", "int32", "int64", "uint", "uint8", "uint32", "float64", "byte"}

Rows = list[list[str]]


def bare(source: str) -> str:
    """Go source without comments."""
    return re.sub(r"(?m)//.*$", "", re.sub(r"(?s)/\*.*?\*/", "", source))


def imports(source: str) -> dict[str, str]:
    """Name in the file -> package as this tool calls it."""
    found = {}
    for alias, path in IMPORT.findall(source):
        name = alias or path.rpartition("/")[2]
        if path.startswith(INTERNAL):
            found[name] = path.removeprefix(INTERNAL)
        elif path in PACKAGES:
            found[name] = PACKAGES[path]
    return found


def qualified(text: str, group: str, packages: dict[str, str]) -> str:
    """A Go type with its package: `[]Volume` -> `[]core.Volume`."""
    if text.startswith("map["):
        key, _, element = text[4:].partition("]")
        key = qualified(key, group, packages)
        return f"map[{key}]{qualified(element, group, packages)}"
    for prefix in ("*", "[]"):
        if text.startswith(prefix):
            return prefix + qualified(text.removeprefix(prefix), group, packages)
    if text in BASIC:
        return text
    package, dot, name = text.rpartition(".")
    return f"{packages.get(package, package)}.{name}" if dot else f"{group}.{text}"


def fields(body: str) -> list[tuple[str, str, str | None]]:
    """Name (empty when embedded), type and JSON tag of each field."""
    rows: list[tuple[str, str, str | None]] = []
    for line in body.split("\n"):
        tag = TAG.search(line)
        words = TAG.sub("", line).split()
        if not words:
            continue
        found = JSON_TAG.search(tag[1]) if tag else None
        name, text = (words[0], words[1]) if len(words) > 1 else ("", words[0])
        rows.append((name, text, found[1] if found else None))
    return rows


def read_group(path: Path, group: str) -> tuple[dict[str, Rows], dict[str, str]]:
    """Structs and named types of one internal group."""
    structs: dict[str, Rows] = {}
    named: dict[str, str] = {}
    for file in sorted(path.glob("*types*.go")):
        source = bare(file.read_text(encoding="utf-8"))
        packages = imports(source)
        for name, body in STRUCT.findall(source):
            structs[f"{group}.{name}"] = [
                [field, qualified(text, group, packages), *([] if tag is None else [tag])]
                for field, text, tag in fields(body)
            ]
        for name, text in NAMED.findall(source):
            named[f"{group}.{name}"] = qualified(text, group, packages)
    return structs, named


def resolved(text: str, named: dict[str, str]) -> str:
    """A type text with named scalars, lists and maps replaced by what they are."""
    for prefix in ("*", "[]"):
        if text.startswith(prefix):
            return prefix + resolved(text.removeprefix(prefix), named)
    if text.startswith("map["):
        key, _, element = text[4:].partition("]")
        return f"map[{resolved(key, named)}]{resolved(element, named)}"
    if text in SCALARS:
        return SCALARS[text]
    return resolved(named[text], named) if text in named else text


def go_names(api: Path) -> dict[str, dict[str, str]]:
    """Versioned type -> JSON name -> Go name, where it is not the capitalised JSON name."""
    found: dict[str, dict[str, str]] = {}
    for group, version in VERSIONS.items():
        for file in sorted((api / group / version).glob("*types*.go")):
            for name, body in STRUCT.findall(bare(file.read_text(encoding="utf-8"))):
                odd = {}
                for field, text, tag in fields(body):
                    json_name = (tag or "").partition(",")[0]
                    go_name = field or text.rpartition(".")[2]
                    if json_name and json_name[:1].upper() + json_name[1:] != go_name:
                        odd[json_name] = go_name
                if odd:
                    found[f"{group}/{version}.{name}"] = odd
    return found


def document(kubernetes: Path, api: Path) -> dict[str, Any]:
    """Everything that is kept."""
    structs: dict[str, Rows] = {}
    named: dict[str, str] = {}
    for group in VERSIONS:
        more, names = read_group(kubernetes / "pkg" / "apis" / group, group)
        structs.update(more)
        named.update(names)
    types = {
        name: [[row[0], resolved(row[1], named), *row[2:]] for row in rows]
        for name, rows in sorted(structs.items())
        if not name.endswith("List")
    }
    return {"types": types, "names": dict(sorted(go_names(api).items()))}


def main() -> None:
    """Write the data."""
    kubernetes, api = map(Path, sys.argv[1:3])
    text = json.dumps(document(kubernetes, api), separators=(",", ":"), sort_keys=True)
    OUTPUT.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
