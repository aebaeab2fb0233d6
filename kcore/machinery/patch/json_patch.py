"""JSON patch (RFC 6902) as the API server applies it, with its error texts.

The API server uses evanphx/json-patch v4, which differs from the RFC in places clients rely on:
`replace` of an absent map key adds it, negative list indexes count from the end, an empty path is
only good for `test` and `replace`. Knows no kind and no HTTP code; the caller maps the stage of an
error to one.
"""

from collections.abc import Callable
from typing import Any, Final, Literal

from kcore.errors import KcoreError
from kcore.limits import REQUEST_BYTES_MAX
from kcore.machinery.frozen import FrozenList, FrozenMap, dumps, freeze

Open = dict[str, Any] | list[Any]
_CONTAINERS: Final = (FrozenMap, FrozenList, dict, list)


class JsonPatchError(KcoreError):
    """A JSON patch that is none (`stage` decode) or does not fit the document (`stage` apply)."""

    def __init__(self, stage: Literal["decode", "apply"], message: str) -> None:
        super().__init__(message)
        self.stage = stage
        self.message = message


def apply_json_patch(document: Any, operations: Any) -> Any:
    """The document after all `operations` (a list of maps). O(operations * depth + size opened).

    Raises:
        JsonPatchError: the list is no patch, or an operation does not apply.
    """
    if operations is None:
        return document
    _check_shape(operations)
    run = _Run(document)
    for operation in operations:
        run.apply(operation)
    return run.result()


def _check_shape(operations: Any) -> None:
    if not isinstance(operations, FrozenList):
        found = _go_kind(operations)
        raise JsonPatchError(
            "decode", f"json: cannot unmarshal {found} into Go value of type jsonpatch.Patch"
        )
    for operation in operations:
        if operation is not None and not isinstance(operation, FrozenMap):
            found = _go_kind(operation)
            what = f"json: cannot unmarshal {found} into Go value of type jsonpatch.Operation"
            raise JsonPatchError("decode", what)


def _go_kind(value: Any) -> str:
    if isinstance(value, FrozenMap):
        return "object"
    if isinstance(value, FrozenList):
        return "array"
    if isinstance(value, bool):
        return "bool"
    return "string" if isinstance(value, str) else "number"


def _fail(message: str) -> JsonPatchError:
    return JsonPatchError("apply", message)


class _Run:
    """One patch under way over one document.

    Containers on the way to a change are opened: copied once into a dict or a list, which later
    operations change in place. So a long patch costs no copy for each operation, and what is never
    opened is shared with the document.
    """

    __slots__ = ("_copied_bytes", "_root")

    def __init__(self, document: Any) -> None:
        self._root = document
        self._copied_bytes = 0

    def result(self) -> Any:
        """The document as it is now.

        Raises:
            JsonPatchError: it nests too deeply to be one.
        """
        return _closed(self._root)

    def apply(self, operation: FrozenMap | None) -> None:
        operation = freeze({}) if operation is None else operation
        kind = operation.get("op")
        kind = kind if isinstance(kind, str) else "unknown"
        handler = _HANDLERS.get(kind)
        if handler is None:
            raise _fail(f"Unexpected kind: {kind}")
        path = operation.get("path")
        if kind in ("move", "copy"):
            source = operation.get("from")
            if not isinstance(source, str):
                raise _fail(
                    f"{kind} operation failed to decode from: operation, "
                    "missing from field: missing value"
                )
        if not isinstance(path, str):
            raise _fail(f"{kind} operation failed to decode path: missing value")
        handler(self, operation, path)

    def _add(self, operation: FrozenMap, path: str) -> None:
        found = self._opened(path)
        if found is None:
            what = f'doc is missing path: "{path}"'
            raise _fail(f"add operation does not apply: {what}: missing value")
        _insert(found, operation.get("value"), f"error in add for path: '{path}'")

    def _remove(self, operation: FrozenMap, path: str) -> None:
        found = self._opened(path)
        if found is None:
            raise _fail(
                f'remove operation does not apply: doc is missing path: "{path}": missing value'
            )
        _take_out(found, f"error in remove for path: '{path}'")

    def _replace(self, operation: FrozenMap, path: str) -> None:
        value = operation.get("value")
        if path == "":
            if not isinstance(value, FrozenMap | FrozenList):
                raise _fail("replace operation value must be object or array: %!w(<nil>)")
            self._root = value
            return
        found = self._opened(path)
        if found is None:
            raise _fail(
                f"replace operation does not apply: doc is missing path: {path}: missing value"
            )
        container, key = found
        if isinstance(container, dict):
            container[key] = value
            return
        index = _index(key, len(container))
        if isinstance(index, str):
            raise _fail(
                f"replace operation does not apply: doc is missing key: {path}: missing value"
            )
        container[index] = value

    def _test(self, operation: FrozenMap, path: str) -> None:
        value = operation.get("value")
        if path == "":
            found_value = self._root
        else:
            found = self._seen(path)
            if found is None:
                raise _fail(
                    f"test operation does not apply: is missing path: {path}: missing value"
                )
            found_value = _get(found, f"error in test for path: '{path}'")
        if not _same(_closed(found_value), value):
            raise _fail(f"testing value {path} failed: test failed")

    def _move(self, operation: FrozenMap, path: str) -> None:
        found = self._opened(operation["from"])
        if found is None:
            source = operation["from"]
            raise _fail(
                f"move operation does not apply: doc is missing from path: {source}: missing value"
            )
        value = _get(found, f"error in move for path: '{found[1]}'")
        _take_out(found, f"error in move for path: '{found[1]}'")
        target = self._opened(path)
        if target is None:
            raise _fail(
                "move operation does not apply: doc is missing destination path: "
                f"{path}: missing value"
            )
        _insert(target, value, f"error in move for path: '{path}'")

    def _copy(self, operation: FrozenMap, path: str) -> None:
        source = operation["from"]
        found = self._seen(source)
        if found is None:
            raise _fail(
                f"copy operation does not apply: doc is missing from path: {source}: missing value"
            )
        value = _closed(_get(found, f"error in copy for path: '{source}'"))
        target = self._opened(path)
        if target is None:
            raise _fail(
                "copy operation does not apply: doc is missing destination path: "
                f"{path}: missing value"
            )
        self._copied_bytes += len(dumps(value))
        if self._copied_bytes > REQUEST_BYTES_MAX:
            raise _fail(
                "Unable to complete the copy, the accumulated size increase of copy is "
                f"{self._copied_bytes}, exceeding the limit {REQUEST_BYTES_MAX}"
            )
        _insert(target, value, "error while adding value during copy")

    def _seen(self, path: str) -> tuple[Any, str] | None:
        """The container that `path` ends in, and the last key."""
        parts = path.split("/")
        if len(parts) < 2:
            return None
        container = self._root
        for part in parts[1:-1]:
            child, _ = _child(container, _unescape(part))
            if not isinstance(child, _CONTAINERS):
                return None
            container = child
        return container, _unescape(parts[-1])

    def _opened(self, path: str) -> tuple[Open, str] | None:
        """The same, with every container on the way open for changes."""
        parts = path.split("/")
        if len(parts) < 2:
            return None
        container = self._root = _open(self._root)
        for part in parts[1:-1]:
            child, step = _child(container, _unescape(part))
            if not isinstance(child, _CONTAINERS):
                return None
            opened = _open(child)
            if opened is not child:
                container[step] = opened
            container = opened
        return container, _unescape(parts[-1])


def _open(container: Any) -> Any:
    if isinstance(container, FrozenMap):
        return dict(container.items())
    return list(container) if isinstance(container, FrozenList) else container


def _closed(value: Any) -> Any:
    if not isinstance(value, dict | list) or isinstance(value, FrozenMap | FrozenList):
        return value
    try:
        return freeze(value)
    except ValueError as error:  # Too deep: upstream's own limit on texts.
        raise _fail(str(error)) from None


def _child(container: Any, key: str) -> tuple[Any, str | int]:
    """What a container has under `key`, and the step to it; None when nothing is there."""
    if isinstance(container, FrozenMap | dict):
        return container.get(key), key
    index = _index(key, len(container))
    return (None, key) if isinstance(index, str) else (container[index], index)


def _insert(found: tuple[Open, str], value: Any, context: str) -> None:
    container, key = found
    if isinstance(container, dict):
        container[key] = value
    else:
        container.insert(_insert_position(key, len(container), context), value)


def _take_out(found: tuple[Open, str], context: str) -> None:
    container, key = found
    if isinstance(container, dict):
        if key not in container:
            raise _fail(f"{context}: Unable to remove nonexistent key: {key}: missing value")
        del container[key]
        return
    index = _index(key, len(container))
    if isinstance(index, str):
        raise _fail(f"{context}: {index}")
    del container[index]


_HANDLERS: Final[dict[str, Callable[[_Run, FrozenMap, str], None]]] = {
    "add": _Run._add,
    "remove": _Run._remove,
    "replace": _Run._replace,
    "test": _Run._test,
    "move": _Run._move,
    "copy": _Run._copy,
}


def _unescape(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _atoi(text: str) -> int | None:
    digits = text[1:] if text[:1] in ("-", "+") else text
    return int(text) if digits.isascii() and digits.isdigit() else None


def _index(key: str, count: int) -> int | str:
    """The position that `key` names in a list of `count`, or upstream's complaint."""
    index = _atoi(key)
    if index is None:
        return f'strconv.Atoi: parsing "{key}": invalid syntax'
    if not -count <= index < count:
        return f"Unable to access invalid index: {index}: invalid index referenced"
    return index + count if index < 0 else index


def _insert_position(key: str, count: int, context: str) -> int:
    if key == "-":
        return count
    index = _atoi(key)
    if index is None:
        raise _fail(
            f"{context}: value was not a proper array index: '{key}': "
            f'strconv.Atoi: parsing "{key}": invalid syntax'
        )
    if not -(count + 1) <= index <= count:
        raise _fail(f"{context}: Unable to access invalid index: {index}: invalid index referenced")
    return index + count + 1 if index < 0 else index


def _get(found: tuple[Any, str], context: str) -> Any:
    container, key = found
    if isinstance(container, FrozenMap | dict):
        return container.get(key)
    index = _index(key, len(container))
    if isinstance(index, str):
        raise _fail(f"{context}: {index}")
    return container[index]


def _same(left: Any, right: Any) -> bool:
    """Equal as JSON texts: `1` and `1.0` differ."""
    if isinstance(left, float) != isinstance(right, float):
        return False
    return bool(dumps(left) == dumps(right))
