"""The common case of a strategic merge: a patch that says new values and nothing else.

No directive, no null, lists whose elements are all there already and come in the order of the live
list. Such a patch changes values in place, so nothing has to be taken apart and put in order
again: `set` on the way down to each change. What is not that simple is answered with None, and the
general merge (`strategic`) does it; both agree wherever this one answers.
"""

from typing import Any, Final

from kcore.machinery.frozen import ABSENT, FrozenList, FrozenMap
from kcore.machinery.patch.patch_schema import FieldPlan, PatchSchema

_MERGE: Final = "merge"
_REPLACE: Final = "replace"


def plainly_merged(original: FrozenMap, patch: FrozenMap, schema: PatchSchema) -> FrozenMap | None:
    """`original` with `patch` merged in, if the patch is that simple. O(patch * depth).

    Raises:
        StrategicPatchError: the patch cannot be applied.
    """
    result = original
    for key, value in patch.items():
        before = original.get(key, ABSENT)
        if value is None or type(before) is not type(value) or key[:1] == "$":
            return None
        after = _value_merged(before, value, key, schema)
        if after is None:
            return None
        if after is not before:
            result = result.set(key, after)
    return result


def _value_merged(before: Any, value: Any, key: str, schema: PatchSchema) -> Any:
    if type(value) is FrozenMap:
        plan = schema.field(key)
        if plan.strategy == _REPLACE or plan.retain_keys:
            return None
        return plainly_merged(before, value, plan.below)
    if type(value) is FrozenList:
        plan = schema.list_field(key)
        if plan.strategy != _MERGE:
            return value
        return _list_merged(before, value, plan) if plan.merge_key and value else None
    return before if before == value else value


def _list_merged(original: FrozenList, patch: FrozenList, plan: FieldPlan) -> FrozenList | None:
    places = _places(original, plan.merge_key)
    result, last = original, -1
    for element in patch if places else ():
        name = element.get(plan.merge_key) if type(element) is FrozenMap else None
        # The keys are texts and numbers; true is neither, though it equals 1.
        place = -1 if type(name) is bool else places.get(name, -1)
        after = None
        if place > last:
            after = plainly_merged(original[place], element, plan.below)
        if after is None:
            return None
        last = place
        if after is not original[place]:
            result = result.set(place, after)
    return result if places else None


def _places(items: FrozenList, merge_key: str) -> dict[Any, int]:
    """Where the element of each key stands; empty unless the keys are distinct texts or numbers."""
    places: dict[Any, int] = {}
    for place, item in enumerate(items):
        value = item.get(merge_key) if type(item) is FrozenMap else None
        kind = type(value)
        if kind is not str and kind is not int:
            return {}
        places[value] = place
    return places if len(places) == len(items) else {}
