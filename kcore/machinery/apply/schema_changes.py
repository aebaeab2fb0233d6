"""Field sets that were written before a type became atomic: they shrink to the place itself."""

from functools import lru_cache

from kcore.machinery.apply.field_path import Path
from kcore.machinery.apply.field_set import EMPTY_SET, FieldSet
from kcore.machinery.apply.typed_schema import TypeRef


@lru_cache(maxsize=4096)
def reconciled(fields: FieldSet, type_ref: TypeRef) -> FieldSet:
    """`fields` as today's type has them; the same object where nothing changes. O(size)."""
    atomic: list[Path] = []
    _find_atomic(type_ref, fields, (), False, atomic)
    if not atomic:
        return fields
    places = FieldSet.of(*atomic)
    return fields.recursive_difference(places).union(places)


def _find_atomic(
    type_ref: TypeRef, fields: FieldSet, path: Path, is_leaf: bool, found: list[Path]
) -> None:
    """Note the places that are atomic now and have fields below them."""
    atom = type_ref.atom
    if atom.map is not None:
        if atom.map.is_deduced:
            return
        if atom.map.atomic and not is_leaf:
            if len(fields):
                found.append(path)
            return
    elif atom.scalar is not None:
        return
    elif atom.list is not None and not atom.list.associative and not is_leaf:
        found.append(path)
        return
    for element in fields.members.union(fields.children):
        below = fields.children.get(element)
        if atom.map is not None:
            here = atom.map.type_of(element) if isinstance(element, str) else atom.map.element
        else:
            here = type_ref if atom.list is None else atom.list.element
        if here:
            member = element in fields.members
            leaf = member and below is None
            _find_atomic(here, below or EMPTY_SET, (*path, element), leaf, found)
