"""Where foreign objects come from: an etcd snapshot, or JSON lines."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from kcore.cluster.importing import ForeignObject, Imported, LeftOut, import_objects
from kcore.errors import ManifestError
from kcore.machinery.frozen import FrozenMap
from kcore.store.etcd_snapshot.errors import SnapshotError
from kcore.store.etcd_snapshot.kubernetes_values import UnreadableValueError, decode_value
from kcore.store.etcd_snapshot.reading import EtcdSnapshot, read_snapshot
from kcore.store.json_lines import LineError, read_lines
from kcore.store.revision import FIRST_REVISION

# What `--etcd-prefix` of kube-apiserver is unless somebody changed it.
REGISTRY_PREFIX: Final = b"/registry/"


def import_etcd_snapshot(path: Path, *, digest_required: bool = True, seed: int = 0) -> Imported:
    """A world with the objects of an etcd snapshot file.

    Raises:
        ManifestError: the file is missing, cut off, damaged, or contradicts itself.
    """
    try:
        snapshot = read_snapshot(_read(path), digest_required=digest_required)
    except SnapshotError as error:
        raise ManifestError(str(error), source=str(path)) from None
    left_out: list[LeftOut] = []
    objects = list(_snapshot_objects(snapshot, left_out))
    imported = import_objects(objects, snapshot.revision, seed)
    return imported.with_left_out(left_out)


def import_json_lines(path: Path, *, seed: int = 0) -> Imported:
    """A world with the objects of a file of JSON lines.

    An object keeps its resourceVersion; those without one are written after all others.

    Raises:
        ManifestError: the file is missing, or a line is no object.
    """
    try:
        with path.open("rb") as stream:
            lines = [(f"{path}:{line.number}", line.value) for line in read_lines(stream)]
    except LineError as error:
        raise ManifestError(str(error), source=str(path)) from None
    except OSError as error:
        raise ManifestError(error.strerror or str(error), source=str(path)) from None
    objects = _versioned(lines)
    revision = max((one.mod_revision for one in objects), default=FIRST_REVISION)
    return import_objects(objects, revision, seed)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ManifestError(error.strerror or str(error), source=str(path)) from None


def _snapshot_objects(snapshot: EtcdSnapshot, left_out: list[LeftOut]) -> Iterator[ForeignObject]:
    for kv in snapshot.live():
        place = kv.key.decode("utf-8", "backslashreplace")
        if not kv.key.startswith(REGISTRY_PREFIX):
            left_out.append(LeftOut(place, "is no key of the API server"))
            continue
        try:
            value = decode_value(kv.value)
        except UnreadableValueError as error:
            left_out.append(LeftOut(place, str(error)))
            continue
        yield ForeignObject(place, value, kv.create_revision, kv.mod_revision, kv.version)


def _versioned(lines: Iterable[tuple[str, FrozenMap]]) -> list[ForeignObject]:
    found = [(place, value, _revision_of(value)) for place, value in lines]
    following = max((revision for _, _, revision in found), default=FIRST_REVISION)
    objects = []
    for place, value, revision in found:
        if not revision:
            following += 1
        own = revision or max(following, FIRST_REVISION + 1)
        objects.append(ForeignObject(place, value, own, own, 1))
    return objects


def _revision_of(value: FrozenMap) -> int:
    """An object's resourceVersion; 0 if it has none that is a revision."""
    text = str(value.at("metadata", "resourceVersion", default=""))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    return number if number > FIRST_REVISION else 0
