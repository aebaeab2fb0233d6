"""Strategic merge patch as the API server applies it.

Objects merge like RFC 7386. Lists merge by the merge key of their field, where the field's patch
strategy says `merge`; otherwise they are replaced. Directives in the patch:

* `$patch: replace | delete` in a map, or in an element of a merging list;
* `$retainKeys: [...]` removes every other key of the map;
* `$deleteFromPrimitiveList/field: [...]` removes scalars;
* `$setElementOrder/field: [...]` gives the order of a merged list.

The same merge, in its second mode, joins two patches (`Mode.COMBINE`): directives and nulls are
kept, because they still have to be applied. `three_way` uses that.

Values are immutable: the result shares whatever the patch does not touch.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Any, Final

from kcore.errors import ApiError, bad_request
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenList, FrozenMap, freeze
from kcore.machinery.patch.element_order import (
    DELETE,
    DIRECTIVE,
    MAP_TYPE,
    Identity,
    check_order_list,
    element_type,
    first_places,
    identity,
    in_order,
    partition,
)
from kcore.machinery.patch.go_values import (
    StrategicPatchError,
    go_text,
    go_type,
    identical,
    no_merge_key,
    wrong_type,
)
from kcore.machinery.patch.merge import apply_merge_patch
from kcore.machinery.patch.patch_schema import PatchSchema, patch_schema
from kcore.machinery.patch.plain_merge import plainly_merged

REPLACE: Final = "replace"
MERGE: Final = "merge"
RETAIN_KEYS: Final = "$retainKeys"
DELETE_PREFIX: Final = "$deleteFromPrimitiveList"
ORDER_PREFIX: Final = "$setElementOrder"
_BAD_RETAIN_KEYS: Final = "invalid patch format of retainKeys"


class Mode(Enum):
    """What the merge is for."""

    APPLY = "apply a patch to an object"
    COMBINE = "join two patches into one"


def apply_strategic_patch(
    original: FrozenMap, patch: FrozenMap, api_version: str, kind: str
) -> FrozenMap:
    """`original` with `patch` applied by the rules of a built-in kind.

    Kinds that are not built in have no strategies: for them the patch is a JSON merge patch.

    Raises:
        ApiError: 400, 422 or 500 with upstream's text, for a patch that cannot be applied.
    """
    schema = patch_schema(api_version, kind)
    if schema is None:
        merged: FrozenMap = apply_merge_patch(original, patch)
        return merged
    try:
        merged_plainly = plainly_merged(original, patch, schema)
        if merged_plainly is not None:
            return merged_plainly
        return merge_maps(original, patch, schema, Mode.APPLY)
    except StrategicPatchError as error:
        raise _refusal(error) from None


def _refusal(error: StrategicPatchError) -> ApiError:
    if error.code == 400:
        return bad_request(str(error))
    if error.code == 422:
        return ApiError(422, "Invalid", str(error))
    return ApiError(500, "", str(error))


def merge_maps(
    original: FrozenMap | None, patch: FrozenMap, schema: PatchSchema, mode: Mode
) -> FrozenMap:
    """Merge `patch` into `original`; see the module for the rules. O(patch * width).

    Raises:
        StrategicPatchError: the patch cannot be applied.
    """
    directive = patch.get(DIRECTIVE)
    if DIRECTIVE in patch:
        if directive == REPLACE:
            return patch.remove(DIRECTIVE)
        if directive == DELETE:
            return EMPTY_MAP
        raise _bad_directive(directive, patch)
    merge = _MapMerge(original or EMPTY_MAP, patch, schema, mode)
    merge.retain_keys()
    merge.ordered_lists()
    merge.fields()
    return merge.result()


def without_directives(patch: Any, original: Any) -> Any:
    """A patch as upstream shows it after use: the merge has taken out the directives it met."""
    if not isinstance(patch, FrozenMap) or not isinstance(original, FrozenMap):
        return patch
    if patch.get(DIRECTIVE) in (REPLACE, DELETE):
        return patch.remove(DIRECTIVE)
    ordered = {key.partition("/")[2] for key in patch if key.startswith(ORDER_PREFIX)}
    kept = {
        key: without_directives(value, original.get(key))
        for key, value in patch.items()
        if key != RETAIN_KEYS and not key.startswith(ORDER_PREFIX) and key not in ordered
    }
    return freeze(kept)


def _bad_directive(directive: Any, patch: FrozenMap) -> StrategicPatchError:
    return StrategicPatchError(f"unknown patch type: {go_text(directive)} in map: {go_text(patch)}")


class _MapMerge:
    """One level of a merge: the original's fields, and what is left of the patch."""

    def __init__(
        self, original: FrozenMap, patch: FrozenMap, schema: PatchSchema, mode: Mode
    ) -> None:
        self._before = original
        self._fields: dict[str, Any] = dict(original)
        self._patch: dict[str, Any] = dict(patch)
        self._schema = schema
        self._mode = mode

    def result(self) -> FrozenMap:
        fields, before = self._fields, self._before
        if len(fields) == len(before) and all(
            key in before and before[key] is value for key, value in fields.items()
        ):
            return before
        merged: FrozenMap = freeze(fields)
        return merged

    def retain_keys(self) -> None:
        if RETAIN_KEYS not in self._patch:
            return
        wanted = self._patch.pop(RETAIN_KEYS)
        if self._mode is Mode.COMBINE:
            if not identical(self._fields.setdefault(RETAIN_KEYS, wanted), wanted):
                shown = f"{go_text(self._fields[RETAIN_KEYS])} and {go_text(wanted)}"
                raise StrategicPatchError(
                    f"{shown} are not deep equal: "
                    "this may happen when calculating the 3-way diff patch"
                )
            return
        if not isinstance(wanted, FrozenList):
            raise StrategicPatchError(_BAD_RETAIN_KEYS, 400)
        kept = [name for name in wanted if isinstance(name, str)]
        for name, value in self._patch.items():
            parallel = name.startswith((DELETE_PREFIX, ORDER_PREFIX))
            if value is not None and not parallel and name not in kept:
                raise StrategicPatchError(_BAD_RETAIN_KEYS, 400)
        self._fields = {key: value for key, value in self._fields.items() if key in kept}

    def ordered_lists(self) -> None:
        """Merge every list that comes with a `$setElementOrder`, and put it in order."""
        for key in [key for key in self._patch if key.startswith(ORDER_PREFIX)]:
            order = self._patch.pop(key)
            if self._mode is Mode.COMBINE and not identical(
                self._fields.setdefault(key, order), order
            ):
                raise StrategicPatchError("invalid patch format of setElementOrder list", 400)
            if not isinstance(order, FrozenList):
                raise wrong_type("[]interface {}", order)
            self._order_list(_list_name(key, ORDER_PREFIX), order)

    def _order_list(self, name: str, order: FrozenList) -> None:
        plan = self._schema.list_field(name)
        original, patch = self._fields.get(name), self._patch.get(name)
        if name in self._patch:
            if not isinstance(patch, FrozenList):
                raise StrategicPatchError("invalid patch format of setElementOrder list", 400)
            if name not in self._fields and self._mode is Mode.APPLY:
                kept = [item for item in patch if not _is_directive(item)]
                patch = _frozen_list(kept, patch)
            check_order_list(patch, order, plan.merge_key)
        if name in self._fields and name in self._patch:
            merged = self._merged_list(original, patch, plan, deletes=False)
        elif name in self._fields or name in self._patch:
            merged = original if name in self._fields else patch
        else:
            return
        named, others = partition(merged, order, plan.merge_key)
        kind = element_type(original or EMPTY_LIST, self._patch.get(name) or EMPTY_LIST)
        server_order = _server_order(original or EMPTY_LIST, patch or EMPTY_LIST, plan)
        result = in_order(named, others, order, server_order, plan.merge_key, kind)
        self._fields[name] = _frozen_list(result, original)
        self._patch.pop(name, None)

    def fields(self) -> None:
        for key, value in self._patch.items():
            deletes = key.startswith(DELETE_PREFIX)
            if deletes and self._mode is Mode.COMBINE:
                self._fields[key] = value
                continue
            self._field(_list_name(key, DELETE_PREFIX) if deletes else key, value, deletes)

    def _field(self, name: str, value: Any, deletes: bool) -> None:
        if value is None:
            self._fields.pop(name, None)
            if self._mode is Mode.APPLY:
                return
        if name not in self._fields or go_type(self._fields[name]) != go_type(value):
            if not deletes:
                self._take(name, value)
            return
        original = self._fields[name]
        if isinstance(value, FrozenMap):
            plan = self._schema.field(name)
            if plan.strategy == REPLACE:
                self._fields[name] = value
            else:
                self._fields[name] = merge_maps(original, value, plan.below, self._mode)
        elif isinstance(value, FrozenList):
            plan = self._schema.list_field(name)
            self._fields[name] = self._merged_list(original, value, plan, deletes)
        else:
            self._fields[name] = value

    def _take(self, name: str, value: Any) -> None:
        """A value the original has nothing to merge with."""
        if self._mode is Mode.COMBINE:
            self._fields[name] = value
        elif _is_directive(value):
            self._fields.pop(name, None)
        else:
            self._fields[name] = _taken(value)

    def _merged_list(self, original: Any, patch: Any, plan: Any, deletes: bool) -> Any:
        for value in (original, patch):
            if not isinstance(value, FrozenList):
                raise wrong_type("[]interface {}", value)
        if plan.strategy != MERGE and not deletes:
            return patch
        return _merge_lists(original, patch, plan, self._mode, deletes)


def _list_name(key: str, prefix: str) -> str:
    head, slash, name = key.partition("/")
    if not slash or head != prefix:
        word = "primitive list" if prefix == DELETE_PREFIX else "setElementOrder list"
        raise StrategicPatchError(f"invalid patch format of {word}", 400)
    return name


def _taken(value: Any) -> Any:
    """`value` where there is nothing to delete: without null members and `$patch` maps."""
    if isinstance(value, FrozenMap):
        kept = {
            key: _taken(item)
            for key, item in value.items()
            if item is not None and not _is_directive(item)
        }
        same = len(kept) == len(value) and all(kept[key] is value[key] for key in kept)
        return value if same else freeze(kept)
    if isinstance(value, FrozenList):
        return _frozen_list([_taken(item) for item in value if not _is_directive(item)], value)
    return value


def _is_directive(value: Any) -> bool:
    return isinstance(value, FrozenMap) and DIRECTIVE in value


def _frozen_list(items: Sequence[Any], like: Any) -> Any:
    """`items` as a value; `like` itself when it has the same elements."""
    same = isinstance(like, FrozenList) and len(like) == len(items)
    if same and all(new is old for new, old in zip(items, like, strict=True)):
        return like
    return freeze(list(items))


def _merge_lists(
    original: FrozenList, patch: FrozenList, plan: Any, mode: Mode, deletes: bool
) -> Any:
    if not original and not patch:
        return original
    kind = element_type(original, patch)
    key = plan.merge_key
    items: Sequence[Any] = original
    wanted: Sequence[Any] = patch
    if kind == MAP_TYPE:
        if not key:
            name = plan.below.type.name.rpartition(".")[2]
            raise StrategicPatchError(f"cannot merge lists without merge key for {name}")
        items, wanted = _special_elements(original, patch, key)
        merged = _merge_elements(items, wanted, plan, mode)
    elif mode is Mode.APPLY and deletes:
        gone = set(map(identity, patch))
        return _frozen_list([item for item in original if identity(item) not in gone], original)
    else:
        merged = _distinct([*original, *patch])
    named, others = partition(merged, wanted, key)
    return _frozen_list(in_order(named, others, wanted, items, key, kind), original)


def _server_order(original: FrozenList, patch: FrozenList, plan: Any) -> Sequence[Any]:
    """The live order that elements only the server has are put back by.

    Upstream deletes and appends in the array that it then reads as the live list, so after a
    `$patch: delete` the list it sees is the merged one, cut to its old length.
    """
    if not plan.merge_key or plan.strategy != MERGE or not original:
        return original
    items, wanted = _special_elements(original, patch, plan.merge_key)
    if len(items) == len(original) or items is wanted:
        return original
    known = first_places(items, plan.merge_key)
    for element in wanted:
        key = identity(element.get(plan.merge_key))
        if known.setdefault(key, len(items)) == len(items):
            items.append(element)
    length = len(original)
    return [*items[:length], *([original[-1]] * (length - len(items)))]


def _distinct(items: Sequence[Any]) -> list[Any]:
    return list({identity(item): item for item in items}.values())


def _special_elements(
    original: Sequence[Any], patch: Sequence[Any], merge_key: str
) -> tuple[list[Any], list[Any]]:
    """Act on the patch's `$patch` elements; returns both lists without what they concern."""
    deleted: set[Identity] = set()
    wanted, replaces = [], False
    for element in patch:
        if DIRECTIVE not in element:
            wanted.append(element)
            continue
        directive = element[DIRECTIVE]
        if directive == DELETE:
            if merge_key not in element:
                raise no_merge_key(element, merge_key)
            deleted.add(identity(element[merge_key]))
        elif directive == REPLACE:
            replaces = True
        elif directive == MERGE:
            raise StrategicPatchError("merging lists cannot yet be specified in the patch")
        else:
            raise _bad_directive(directive, element)
    if replaces:
        return wanted, []
    return [
        item
        for item in original
        if merge_key not in item or identity(item[merge_key]) not in deleted
    ], wanted


def _merge_elements(
    items: Sequence[Any], wanted: Sequence[Any], plan: Any, mode: Mode
) -> list[Any]:
    merged = list(items)
    places = first_places(merged, plan.merge_key)
    for element in wanted:
        if plan.merge_key not in element:
            raise no_merge_key(element, plan.merge_key)
        position = places.setdefault(identity(element[plan.merge_key]), len(merged))
        if position == len(merged):
            merged.append(element)
        else:
            merged[position] = merge_maps(merged[position], element, plan.below, mode)
    return merged
