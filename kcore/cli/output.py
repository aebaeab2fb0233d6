"""Objects in the form asked for with `-o`: table, wide, yaml, json or name."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from kcore.machinery.codec import dump_json, dump_yaml
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.resource import GroupVersionKind
from kcore.printing.columns.custom import custom_printer
from kcore.printing.table import Table, table_for, table_of


class Format(StrEnum):
    """The values of `-o`."""

    TABLE = "table"
    WIDE = "wide"
    YAML = "yaml"
    JSON = "json"
    NAME = "name"


def as_list(objects: Sequence[FrozenMap]) -> FrozenMap:
    """The `v1` List of several objects. O(objects)."""
    value: FrozenMap = freeze(
        {
            "apiVersion": "v1",
            "kind": "List",
            "items": list(objects),
            "metadata": {"resourceVersion": ""},
        }
    )
    return value


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
    definitions: Sequence[FrozenMap] = (),
) -> str:
    """Text of `objects`; `single` leaves out the list around the only object.

    `definitions` are those of custom kinds, which say their columns.
    """
    match form:
        case Format.JSON:
            return dump_json(objects[0] if single else as_list(objects)).rstrip()
        case Format.YAML:
            return dump_yaml(objects[0] if single else as_list(objects)).rstrip()
        case Format.NAME:
            return "\n".join(reference(obj) for obj in objects)
        case _:
            wide = form is Format.WIDE
            return tables(objects, now_ns, definitions, wide=wide, with_namespace=with_namespace)


def tables(
    objects: Iterable[FrozenMap],
    now_ns: int,
    definitions: Sequence[FrozenMap] = (),
    *,
    wide: bool = False,
    with_namespace: bool = False,
) -> str:
    """One table per kind, in the order in which kinds appear. O(objects)."""
    by_kind: dict[tuple[str, str], list[FrozenMap]] = {}
    for obj in objects:
        by_kind.setdefault((str(obj.apiVersion), str(obj.kind)), []).append(obj)
    return "\n\n".join(
        _table(group, now_ns, definitions).to_text(wide=wide, with_namespace=with_namespace)
        for group in by_kind.values()
    )


def _table(group: Sequence[FrozenMap], now_ns: int, definitions: Sequence[FrozenMap]) -> Table:
    """Objects of one kind, in the columns of their definition if there is one."""
    gvk = GroupVersionKind.of(str(group[0].apiVersion), str(group[0].kind))
    for definition in definitions:
        if _defines(definition, gvk):
            return table_for(group, custom_printer(definition, gvk.version), now_ns)
    return table_of(group, now_ns)


def _defines(definition: FrozenMap, gvk: GroupVersionKind) -> bool:
    spec = definition["spec"]
    return bool(spec["group"] == gvk.group and spec["names"]["kind"] == gvk.kind)
