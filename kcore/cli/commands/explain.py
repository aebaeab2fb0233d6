"""`kcore explain`: the fields of a kind."""

from pathlib import Path
from typing import Annotated, Final

import typer

from kcore.api.catalog import default_scheme
from kcore.api.field_facts import Fields, built_in_fields, custom_fields
from kcore.cli.explain_layout import NoSuchFieldError, explained
from kcore.cluster.applying import read_manifests
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.resource import GroupVersionKind
from kcore.machinery.scheme import Scheme

_DEFINITION: Final = "CustomResourceDefinition"


def explain(
    path: Annotated[
        str, typer.Argument(metavar="RESOURCE[.FIELD...]", help="pod, deploy.spec.template ...")
    ] = "",
    *,
    recursive: Annotated[
        bool, typer.Option("--recursive", help="Fields of fields too, all the way down.")
    ] = False,
    api_version: Annotated[
        str, typer.Option("--api-version", metavar="GROUP/VERSION", help="Not the preferred one.")
    ] = "",
    definitions: Annotated[
        Path | None,
        typer.Option("--file", "-f", help="Definitions of custom resources to know too."),
    ] = None,
) -> int:
    """List the fields of a kind, or of a field in it: types, enums, what is required."""
    if not path:
        return _refused(
            "You must specify the type of resource to explain. "
            'Use "kubectl api-resources" for a complete list of supported resources.'
        )
    known = {} if definitions is None else _custom(definitions)
    found = _split(path, api_version, known)
    if found is None:
        name = path.partition(".")[0]
        if api_version:
            return _refused(f'couldn\'t find resource for "{api_version}, Resource={name}"')
        return _refused(f'the server doesn\'t have a resource type "{name}"')
    gvk, fields, steps = found
    try:
        typer.echo(explained(gvk, fields, steps, recursive=recursive), nl=False)
    except NoSuchFieldError as error:
        typer.echo(error.head, nl=False)
        return _refused(str(error))
    return 0


def _refused(why: str) -> int:
    """The refusal in kubectl's words."""
    typer.echo(f"error: {why}", err=True)
    return 1


_Custom = dict[str, list[tuple[GroupVersionKind, Fields]]]


def _split(
    path: str, api_version: str, custom: _Custom
) -> tuple[GroupVersionKind, Fields, list[str]] | None:
    """The kind, its fields, and the steps below it: the longest prefix that names a resource."""
    words = path.split(".")
    scheme = default_scheme()
    for count in range(len(words), 0, -1):
        name = ".".join(words[:count])
        for gvk, fields in (*custom.get(name.lower(), ()), *_built_in(scheme, name, api_version)):
            if not api_version or gvk.api_version == api_version:
                return gvk, fields, words[count:]
    return None


def _built_in(scheme: Scheme, name: str, api_version: str) -> list[tuple[GroupVersionKind, Fields]]:
    """The kind behind a name, in the version that is asked for."""
    info = scheme.by_name(name)
    if info is None:
        return []
    gvks = [info.gvk]
    if api_version:
        words = {info.resource, info.singular, *info.short_names}
        gvks = [row.gvk for row in scheme if words & {row.resource}]
    pairs = ((gvk, built_in_fields(gvk)) for gvk in gvks)
    return [(gvk, fields) for gvk, fields in pairs if fields is not None]


def _custom(file: Path) -> _Custom:
    """By every name of each custom kind its served versions, the stored one first."""
    found: _Custom = {}
    for manifest in read_manifests(file):
        definition = manifest.object
        if definition.get("kind") != _DEFINITION:
            continue
        spec = definition["spec"]
        names, group = spec["names"], spec["group"]
        versions = sorted(spec["versions"], key=lambda version: not version.get("storage"))
        pairs = [
            (GroupVersionKind(group, version["name"], names["kind"]), _fields_of(version))
            for version in versions
        ]
        plural = names["plural"]
        words = [plural, names.get("singular"), names["kind"], *(names.get("shortNames") or ())]
        for word in filter(None, words):
            found[word.lower()] = found[f"{word.lower()}.{group}"] = pairs
    return found


def _fields_of(version: FrozenMap) -> Fields:
    return custom_fields(version.at("schema", "openAPIV3Schema", default=EMPTY_MAP))
