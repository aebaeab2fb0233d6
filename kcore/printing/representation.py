"""Answers in another form: a `Table` of what kubectl shows, or objects' metadata alone.

A client asks for one with `Accept: application/json;as=Table;v=v1;g=meta.k8s.io`. These are pure
functions from the body of an answer to the body that is sent; what a client may ask for over HTTP
is settled by whoever reads its headers. A `Status` is sent as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from kcore.errors import ApiError, bad_request
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenList, FrozenMap, freeze
from kcore.machinery.go_text import quote
from kcore.printing.column import Printer
from kcore.printing.columns import printer_for
from kcore.printing.table import Table, table_for

GROUP: Final = "meta.k8s.io"
VERSIONS: Final = ("v1", "v1beta1")
TABLE: Final = "Table"
METADATA: Final = "PartialObjectMetadata"
METADATA_LIST: Final = "PartialObjectMetadataList"

# Annotations that upstream's versions have and its internal kinds, which these forms are made
# from, have not.
_OF_VERSIONS_ALONE: Final = {"DaemonSet": "deprecated.daemonset.template.generation"}
# The server marks the class that claims without one get; columns alone do not.
_DEFAULT_CLASS: Final = {"StorageClass": "storageclass.kubernetes.io/is-default-class"}
_INCLUDED: Final = ("", "Metadata", "Object", "None")
_LIST_SUFFIX: Final = "List"
_LIST_METADATA: Final = ("resourceVersion", "continue", "remainingItemCount")


@dataclass(frozen=True, slots=True)
class Representation:
    """The form that a client asked for.

    `include_object` is the parameter `includeObject`: what comes with each row of a table.
    """

    kind: str
    version: str = "v1"
    include_object: str = ""

    @property
    def api_version(self) -> str:
        """`meta.k8s.io/v1`."""
        return f"{GROUP}/{self.version}"


def representation(
    kind: str, version: str, group: str, include_object: str = ""
) -> Representation | None:
    """The form behind the parameters `as`, `v` and `g` of a media type; None if there is none."""
    if group != GROUP or version not in VERSIONS or kind not in (TABLE, METADATA, METADATA_LIST):
        return None
    return Representation(kind, version, include_object)


def represented(
    body: FrozenMap,
    wanted: Representation,
    now_ns: int,
    printer: Printer | None = None,
    *,
    with_columns: bool = True,
) -> FrozenMap:
    """`body`, an object or a list of them, in the form that is wanted. O(size).

    `printer` has the columns of a kind that is not built in. Tables in a watch have no columns
    after the first.

    Raises:
        ApiError: 400 for an unknown `includeObject`; 406 for the form of a list where there is
            one object, or the other way round.
    """
    if body.kind == "Status":
        return body
    if wanted.kind == TABLE:
        return _table(body, wanted, now_ns, printer, with_columns)
    is_list = _is_list(body)
    if is_list != (wanted.kind == METADATA_LIST):
        raise _not_acceptable(wanted.kind, body, is_list)
    if not is_list:
        return _metadata_alone(body, wanted)
    items = [_metadata_alone(item, wanted) for item in _objects(body)]
    head = {"apiVersion": wanted.api_version, "kind": METADATA_LIST}
    # Go has nil where nothing was appended.
    return _frozen(head | {"metadata": _list_metadata(body), "items": items or None})


class WatchRepresentation:
    """The objects of one watch in the form that is wanted: columns come with the first alone."""

    __slots__ = ("_printer", "_wanted", "_with_columns")

    def __init__(self, wanted: Representation, printer: Printer | None = None) -> None:
        self._wanted = wanted
        self._printer = printer
        self._with_columns = True

    def represented(self, obj: FrozenMap, now_ns: int) -> FrozenMap:
        """The object of the next event; the `Status` of an error stays what it is.

        Raises:
            ApiError: as `represented`.
        """
        shown = represented(
            obj, self._wanted, now_ns, self._printer, with_columns=self._with_columns
        )
        self._with_columns = self._with_columns and shown is obj
        return shown


def _table(
    body: FrozenMap,
    wanted: Representation,
    now_ns: int,
    printer: Printer | None,
    with_columns: bool,
) -> FrozenMap:
    if wanted.include_object not in _INCLUDED:
        raise bad_request(
            "Unable to convert to Table as requested: includeObject: "
            f"Invalid value: {quote(wanted.include_object)}: "
            "must be 'Metadata', 'Object', 'None', or empty"
        )
    objects = _objects(body)
    shown = printer or printer_for(str(body.apiVersion), str(body.kind).removesuffix(_LIST_SUFFIX))
    table: Table = table_for(objects, shown, now_ns)
    answer = table.to_dict()
    rows: Any = answer["rows"]
    for row, obj in zip(rows, objects, strict=True):
        row["object"] = _row_object(obj, wanted)
        if _is_default_class(obj):
            row["cells"][0] += " (default)"
    if not with_columns:
        answer["columnDefinitions"] = None
    return _frozen(
        answer | {"apiVersion": wanted.api_version, "metadata": _list_metadata(body), "rows": rows}
    )


def _is_default_class(obj: FrozenMap) -> bool:
    annotation = _DEFAULT_CLASS.get(str(obj.kind))
    return annotation is not None and obj.at("metadata", "annotations", annotation) == "true"


def _row_object(obj: FrozenMap, wanted: Representation) -> FrozenMap | None:
    if wanted.include_object == "None":
        return None
    return obj if wanted.include_object == "Object" else _metadata_alone(obj, wanted)


def _metadata_alone(obj: FrozenMap, wanted: Representation) -> FrozenMap:
    metadata = obj.get("metadata") or EMPTY_MAP
    annotation = _OF_VERSIONS_ALONE.get(str(obj.kind))
    if annotation is not None and metadata.at("annotations", annotation) is not None:
        metadata = metadata.remove(("annotations", annotation))
        metadata = metadata if metadata.annotations else metadata.remove("annotations")
    return _frozen({"apiVersion": wanted.api_version, "kind": METADATA, "metadata": metadata})


def _list_metadata(body: FrozenMap) -> FrozenMap:
    """The list's own metadata, of one object its version; what is empty is left out."""
    metadata = body.get("metadata") or EMPTY_MAP
    names = _LIST_METADATA if _is_list(body) else _LIST_METADATA[:1]
    return _frozen({name: metadata[name] for name in names if metadata.get(name)})


def _is_list(body: FrozenMap) -> bool:
    return str(body.kind).endswith(_LIST_SUFFIX) and isinstance(
        body.get("items", EMPTY_LIST), FrozenList | None
    )


def _objects(body: FrozenMap) -> Sequence[FrozenMap]:
    """The objects of a list, each with version and kind; or the one object."""
    if not _is_list(body):
        return [body]
    kind = str(body.kind).removesuffix(_LIST_SUFFIX)
    return [
        item if item.get("kind") else item.set("apiVersion", body.apiVersion).set("kind", kind)
        for item in body.get("items") or ()
    ]


def _not_acceptable(kind: str, body: FrozenMap, is_list: bool) -> ApiError:
    version = str(body.apiVersion).rpartition("/")[2]
    found = f"{'a' if is_list else 'not a'} list (*{version}.{body.kind})"
    return ApiError(
        406, "NotAcceptable", f"you requested {kind}, but the requested object is {found}"
    )


def _frozen(value: dict[str, Any]) -> FrozenMap:
    result: FrozenMap = freeze(value)
    return result
