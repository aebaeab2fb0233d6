"""Objects in the form asked for with `-o`: table, wide, yaml, json or name."""

import json
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

import yaml

from kcore.machinery.frozen import FrozenMap, thaw
from kcore.machinery.resource import GroupVersionKind
from kcore.printing.table import table_of


class Format(StrEnum):
    """The values of `-o`."""

    TABLE = "table"
    WIDE = "wide"
    YAML = "yaml"
    JSON = "json"
    NAME = "name"


def json_text(value: Any) -> str:
    """Indented JSON of thawed values, keys sorted."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)


class _Dumper(yaml.SafeDumper):
    """Writes what Kubernetes' dialect would read otherwise in quotes."""


def _quoted_when_ambiguous(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    # kubectl reads `y`, `1e3`, `0o17` and `12:30:45` as something else than text.
    plain = text.replace("-", "").replace(".", "").replace(":", "")
    ambiguous = text.lower() in {"y", "n", "~", "null"} or plain[:1].isdigit()
    style = "|" if "\n" in text else ('"' if ambiguous else None)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _quoted_when_ambiguous)


def yaml_text(value: Any) -> str:
    """YAML of thawed values as kubectl writes it: block style, keys sorted."""
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=True, default_flow_style=False)).rstrip()


def as_list(objects: Sequence[FrozenMap]) -> dict[str, Any]:
    """The `v1` List of several objects."""
    return {
        "apiVersion": "v1",
        "kind": "List",
        "items": [thaw(obj) for obj in objects],
        "metadata": {"resourceVersion": ""},
    }


def reference(obj: FrozenMap) -> str:
    """`deployment.apps/web`, as kubectl names objects."""
    gvk = GroupVersionKind.of(str(obj.apiVersion), str(obj.kind))
    kind = gvk.kind.lower()
    qualified = f"{kind}.{gvk.group}" if gvk.group else kind
    return f"{qualified}/{obj.at('metadata', 'name', default='')}"


def render(
    objects: Sequence[FrozenMap],
    form: Format,
    *,
    now_ns: int,
    with_namespace: bool = False,
    single: bool = False,
) -> str:
    """Text of `objects`; `single` leaves out the list around the only object."""
    match form:
        case Format.JSON:
            return json_text(thaw(objects[0]) if single else as_list(objects))
        case Format.YAML:
            return yaml_text(thaw(objects[0]) if single else as_list(objects))
        case Format.NAME:
            return "\n".join(reference(obj) for obj in objects)
        case _:
            wide = form is Format.WIDE
            return tables(objects, now_ns, wide=wide, with_namespace=with_namespace)


def tables(
    objects: Iterable[FrozenMap], now_ns: int, *, wide: bool = False, with_namespace: bool = False
) -> str:
    """One table per kind, in the order in which kinds appear. O(objects)."""
    by_kind: dict[tuple[str, str], list[FrozenMap]] = {}
    for obj in objects:
        by_kind.setdefault((str(obj.apiVersion), str(obj.kind)), []).append(obj)
    return "\n\n".join(
        table_of(group, now_ns).to_text(wide=wide, with_namespace=with_namespace)
        for group in by_kind.values()
    )
