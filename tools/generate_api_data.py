"""Writes the committed API facts `kcore/api/data/*.json.gz` from a directory of upstream's facts.

    python tools/generate_api_data.py DIRECTORY

DIRECTORY holds `fields.json` (Go types by reflection: JSON names, omitempty, patch strategies)
and `resources.json` (discovery of a real API server). Only facts that kcore uses are kept, in
rows short enough to load in milliseconds; the output is byte for byte reproducible.

Bodies of webhooks and discovery are no resources of an API server; `types_never_served.json`
beside this file says their facts in the same form.
"""

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).parent.parent / "kcore" / "api" / "data"
NEVER_SERVED = Path(__file__).parent / "types_never_served.json"

# Options of calls and watch frames: they travel as Python dataclasses inside kcore.
CALL_KINDS = re.compile(
    r"(Create|Delete|Get|List|Patch|Update)Options|WatchEvent|InternalEvent|API(Group|Versions)\w*"
)
TYPE_PREFIX = re.compile(r"(apimachinery/pkg/apis/|apimachinery/pkg/|[\w-]+/pkg/apis/|api/)(?=\w)")
VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")
STAGES = {"alpha": 0, "beta": 1, None: 2}


def short(type_name: str) -> str:
    """`[]api/core/v1.Pod` -> `[]core/v1.Pod`."""
    return TYPE_PREFIX.sub("", type_name)


def field_row(field: dict[str, Any]) -> list[str]:
    """`[json name, type, flags, patch strategy, merge key]` without empty ends.

    Flags: `i` inline, `e` omitempty, `z` omitzero.
    """
    flags = "".join(
        flag
        for flag, key in (("i", "inline"), ("e", "omitempty"), ("z", "omitzero"))
        if field.get(key)
    )
    row = [
        field.get("json", ""),
        short(field["type"]),
        flags,
        field.get("patchStrategy", ""),
        field.get("patchMergeKey", ""),
    ]
    while not row[-1]:
        row.pop()
    return row


def types_document(fields: dict[str, Any]) -> dict[str, Any]:
    """Kinds, types and scalars, with short type names."""
    return {
        "kubernetes": fields["kubernetes"],
        "kinds": {
            kind: short(name)
            for kind, name in sorted(fields["kinds"].items())
            if not CALL_KINDS.fullmatch(kind.rpartition("/")[2])
        },
        "scalars": {short(name): kind for name, kind in sorted(fields["scalars"].items())},
        "types": {
            short(name): [field_row(row) for row in rows]
            for name, rows in sorted(fields["types"].items())
        },
    }


def with_never_served(fields: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The facts of `fields` with types and scalars of `more`; kinds stay those that are served."""
    return {**fields, **{key: fields[key] | more[key] for key in ("scalars", "types")}}


def wire_document(fields: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Protobuf field numbers of every type, and the kinds that only travel.

    Numbers stand in the order of the type's fields, 0 for a field that protobuf does not have.
    Kinds of calls (DeleteOptions) belong to every group and version; they have no version here.
    """
    calls = {
        kind.rpartition("/")[2]: short(name)
        for kind, name in fields["kinds"].items()
        if CALL_KINDS.fullmatch(kind.rpartition("/")[2])
    }
    return {
        "kinds": dict(sorted((calls | {k: short(n) for k, n in more["kinds"].items()}).items())),
        "numbers": {
            short(name): [field_number(row) for row in rows]
            for name, rows in sorted(fields["types"].items())
        },
    }


def field_number(field: dict[str, Any]) -> int:
    """7 of `varint,7,opt,name=port`."""
    _, _, rest = field.get("proto", "").partition(",")
    return int(rest.partition(",")[0] or 0)


def version_rank(version: str) -> tuple[int, int, int]:
    """Upstream's order of versions: stable before beta before alpha, then the higher number."""
    major, stage, minor = VERSION.fullmatch(version).groups()  # type: ignore[union-attr]
    return STAGES[stage], int(major), int(minor or 0)


def resource_rows(resources: list[dict[str, Any]]) -> list[list[Any]]:
    """One row per resource and version, in discovery order; the best version is preferred."""
    best: dict[tuple[str, str], str] = {}
    for row in resources:
        key = row["group"], row["resource"]
        best[key] = max(best.get(key, row["version"]), row["version"], key=version_rank)
    return [
        [
            row["group"],
            row["version"],
            row["kind"],
            row["resource"],
            row["singular"],
            row["namespaced"],
            row["verbs"],
            [[sub["name"], *subresource_body(sub)] for sub in row["subresources"]],
            row["shortNames"],
            row["categories"],
            best[row["group"], row["resource"]] == row["version"],
        ]
        for row in resources
    ]


def subresource_body(sub: dict[str, Any]) -> list[Any]:
    """Group, version and kind of a subresource's body, then its verbs."""
    return [sub["group"], sub["version"], sub["kind"], sub["verbs"]]


def write(name: str, document: Any) -> None:
    """Write compact JSON, gzipped without a time stamp."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def main(directory: str) -> None:
    """Read the facts in `directory` and write the committed data."""
    source = Path(directory)
    more = json.loads(NEVER_SERVED.read_text())
    fields = with_never_served(json.loads((source / "fields.json").read_text()), more)
    write("types", types_document(fields))
    write("wire", wire_document(fields, more))
    write("resources", resource_rows(json.loads((source / "resources.json").read_text())))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
