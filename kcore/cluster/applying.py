"""Manifests into a cluster: each object in order, every refusal with its file, line and field."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from kcore.client.apply import apply
from kcore.client.client import Client, to_value
from kcore.cluster.outcome import Applied, ApplyReport
from kcore.errors import ApiError, ManifestError
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.manifest import Manifest, load_manifests

ManifestSource = str | Path | Mapping[str, Any] | Iterable[Mapping[str, Any]]

# How a decoding refusal names its fields: `unknown field "spec.replicsa", ...`, or
# `... field Deployment.spec.replicas of type int32`.
_STRICT_PROBLEM: Final = re.compile(r'(?:unknown|duplicate) field "([^"]+)"')
_GO_FIELD: Final = re.compile(r"Go struct field [A-Za-z0-9]+\.(\S+) of type")


def read_manifests(source: ManifestSource) -> list[Manifest]:
    """Everything `Cluster.apply` takes, as manifests: a path, a text, an object or several.

    A `str` is text when it has more than one line or a colon followed by a space; else a path.

    Raises:
        ManifestError: a file cannot be read or understood; names file and line.
    """
    if isinstance(source, Path) or (isinstance(source, str) and _is_path(source)):
        return _read_file(Path(source))
    if isinstance(source, str):
        return load_manifests(source, source="<text>")
    if isinstance(source, Mapping) or hasattr(source, "model_dump"):
        return [_manifest(source, 0)]
    return [_manifest(obj, number) for number, obj in enumerate(source, start=1)]


def apply_manifests(client: Client, manifests: Iterable[Manifest], namespace: str) -> ApplyReport:
    """Apply each object; a refused one does not stop the others, as with kubectl."""
    applied: list[Applied] = []
    errors: list[ManifestError] = []
    for manifest in manifests:
        try:
            applied.append(_apply_one(client, manifest, namespace))
        except ApiError as error:
            errors.extend(_explain(manifest, error))
    return ApplyReport(tuple(applied), tuple(errors))


def _apply_one(client: Client, manifest: Manifest, namespace: str) -> Applied:
    action, obj = apply(client, manifest.object, namespace)
    info = client.resource_info_of(obj)
    kind = info.singular or info.gvk.kind.lower()
    prefix = f"{kind}.{info.gvk.group}" if info.gvk.group else kind
    return Applied(action, f"{prefix}/{obj['metadata']['name']}", obj)


def _explain(manifest: Manifest, error: ApiError) -> list[ManifestError]:
    """One error per cause, each with the line its field stands on."""
    causes = [(cause.field, cause.message) for cause in error.details.causes if cause.field]
    if not causes:
        problems = _STRICT_PROBLEM.finditer(error.message)
        causes = [(problem[1], problem[0]) for problem in problems]
    if not causes:
        found = _GO_FIELD.search(error.message)
        causes = [(found[1] if found else "", error.message)]
    return [
        ManifestError(
            rule,
            source=manifest.source,
            line=manifest.locate(field),
            subject=_subject(manifest.object),
            field=field,
        )
        for field, rule in causes
    ]


def _subject(obj: FrozenMap) -> str:
    return f"{obj.get('kind')} {obj.at('metadata', 'name', default='(no name)')!r}"


def _is_path(text: str) -> bool:
    return "\n" not in text and ": " not in text and not text.lstrip().startswith("{")


def _read_file(path: Path) -> list[Manifest]:
    if path.is_dir():
        files = sorted(path.glob("*.y*ml")) + sorted(path.glob("*.json"))
        if not files:
            raise ManifestError("the folder has no .yaml, .yml or .json file", source=str(path))
        return [manifest for file in files for manifest in _read_file(file)]
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ManifestError("no such file", source=str(path)) from None
    except UnicodeDecodeError as error:
        raise ManifestError(f"not UTF-8 (byte {error.start})", source=str(path)) from None
    except OSError as error:
        raise ManifestError(error.strerror or str(error), source=str(path)) from None
    return load_manifests(text, source=str(path))


def _manifest(obj: Any, number: int) -> Manifest:
    source = f"<object {number}>" if number else "<object>"
    try:
        return Manifest.of(to_value(obj), source)
    except (TypeError, ValueError) as error:
        raise ManifestError(str(error), source=source) from None
