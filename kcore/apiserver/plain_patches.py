"""Patches that change a few fields which decide nothing: a short way for those of a known form.

Merging a patch by its kind, decoding what comes of it along the types, validating and comparing it
with what was there takes thousands of steps. Of patches that actors send again and again it is
known beforehand what comes of them, and that nobody has anything against it. Whatever else a patch
or an object may have is left to the long way (`patch_handling.py`), which gives the same answers;
`tests/apiserver/test_plain_*.py` compare them.
"""

from abc import ABC, abstractmethod
from functools import lru_cache
from typing import Any, Final

from kcore.apiserver.admission.plugin import UPDATE
from kcore.apiserver.field_management import check_patch_options
from kcore.apiserver.mutation import Part
from kcore.apiserver.patch_handling import patch_part
from kcore.apiserver.registry import Registry
from kcore.machinery.frozen import FrozenMap, Paths
from kcore.machinery.request import Request, Response, WriteOptions
from kcore.machinery.timestamps import ZERO_NS, TimeError, format_time, parse_time

VERSION: Final = ("metadata", "resourceVersion")

# An object on its way, or with owners to look after, is not plain.
_OBSTACLES: Final = Paths(
    ("metadata", "deletionTimestamp"),
    ("metadata", "managedFields"),
    ("metadata", "ownerReferences"),
)
_NO_OBSTACLES: Final = (None, None, None)


class PlainPatches(ABC):
    """Answers the patches of one endpoint; subclasses say which are plain, and what they do."""

    __slots__ = ("_is_open", "_known_options", "_part", "_patch_type", "_registry")

    def __init__(self, registry: Registry, part: Part, patch_type: str) -> None:
        self._registry, self._part, self._patch_type = registry, part, patch_type
        context, bucket = registry.context, registry.endpoint.bucket
        is_seen = part.admits is not None and context.admission.wants(bucket, part.admits, UPDATE)
        self._is_open = not is_seen and not context.tracks_fields
        # A client sends the same options with all its patches.
        self._known_options: WriteOptions | None = None

    def patch(self, request: Request) -> Response:
        """Change the object, the short way where patch and object are plain.

        Raises:
            ApiError: as the long way does.
        """
        patched = self.patched(request) if self._is_open else None
        if patched is not None:
            return Response(200, patched)
        return patch_part(self._registry, request, self._part)

    def patched(self, request: Request) -> FrozenMap | None:
        """The object as it is after the patch; None, and nothing was done, where this is not plain.

        Raises:
            ApiError: 404, or 422 for the options.
        """
        options, body = request.write_options, request.body
        if (
            request.patch_type != self._patch_type
            or (options is not self._known_options and not self._are_plain(request, options))
            or body is None
            or request.body_problems
        ):
            return None
        said = self._read(body)
        if said is None:
            return None
        storage, endpoint = self._registry.context.storage, self._registry.endpoint
        key = f"{request.namespace}/{request.name}"
        stored = storage.read(endpoint.bucket, key)
        if stored is None:
            raise endpoint.not_found(request.name)
        old: FrozenMap = stored.value
        if _OBSTACLES(old) != _NO_OBSTACLES:
            return None
        new = self._changed(old, said, f"{storage.store.next_revision}")
        if new is None or new is old:
            return new
        return storage.commit("update", endpoint.bucket, key, new, stored.mod_revision)

    def _are_plain(self, request: Request, options: WriteOptions) -> bool:
        if options.dry_run:
            return False
        check_patch_options(request)
        self._known_options = options
        return True

    @abstractmethod
    def _read(self, body: FrozenMap) -> Any:
        """What a plain patch says; None of any other."""

    @abstractmethod
    def _changed(self, old: FrozenMap, said: Any, version: str) -> FrozenMap | None:
        """The object after that; the same one where nothing is new, None where it is not plain."""


@lru_cache(maxsize=64)  # Many patches are of one instant.
def is_written_time(text: str) -> bool:
    """Whether a text is a time as the server writes it."""
    try:
        instant_ns = parse_time(text)
    except TimeError:
        return False
    return instant_ns != ZERO_NS and format_time(instant_ns) == text
