"""Reads and changes along paths that are prepared once and used often.

Each says in one call what `at` and `set` say, and means exactly that; the compiled kernel resolves
the steps once per shape of map and makes one node per level, however many paths there are.
"""

from collections.abc import Iterator
from typing import Any

from kcore._native.reference.frozen_tree import FrozenList, FrozenMap, set_at
from kcore._native.reference.scalar import exact_scalar
from kcore._native.reference.tree_path import Step, Steps, as_tuple


def _exact_step(step: Any) -> Step:
    if not isinstance(step, str | int):
        raise TypeError(f"steps must be str or int, not {type(step).__name__}")
    return exact_scalar(step)  # type: ignore[return-value]


def _exact_steps(steps: Any) -> tuple[Step, ...]:
    return tuple([_exact_step(step) for step in as_tuple(steps)])


def _node(value: Any) -> Any:
    if type(value) is not FrozenMap and type(value) is not FrozenList:
        raise TypeError(f"paths lead through frozen maps and lists, not {type(value).__name__}")
    return value


class Path:
    """`Path("spec", "nodeName")(pod)` reads like `pod.at("spec", "nodeName")`.

    Raises:
        TypeError: a step is neither str nor int.
        ValueError: a step has no JSON form.
    """

    __slots__ = ("_steps",)

    def __init__(self, *steps: Step) -> None:
        self._steps = tuple([_exact_step(step) for step in steps])

    @property
    def steps(self) -> tuple[Step, ...]:
        """Where it leads."""
        return self._steps

    def __call__(self, value: Any, default: Any = None, /) -> Any:
        """What is there; `default` where anything on the way is absent or null. O(depth).

        Raises:
            TypeError: `value` is no frozen map or list.
        """
        return _node(value).at(*self._steps, default=default)

    def __repr__(self) -> str:
        return f"Path{self._steps!r}"

    def __reduce__(self) -> tuple[Any, ...]:
        return Path, self._steps


class Paths:
    """`Paths(path, ...)(pod)` reads like one `at` after the other.

    A path is a step or a tuple of steps.

    Raises:
        TypeError: a step is neither str nor int.
        ValueError: a step has no JSON form.
    """

    __slots__ = ("_paths",)

    def __init__(self, *paths: Steps) -> None:
        self._paths = tuple([_exact_steps(path) for path in paths])

    @property
    def paths(self) -> tuple[tuple[Step, ...], ...]:
        """Where they lead."""
        return self._paths

    def __call__(self, value: Any, /) -> tuple[Any, ...]:
        """What is there; None where anything on the way is absent. O(sum of depths).

        Raises:
            TypeError: `value` is no frozen map or list.
        """
        return _parts(_node(value), self._paths)

    def __repr__(self) -> str:
        return f"Paths{self._paths!r}"

    def __reduce__(self) -> tuple[Any, ...]:
        return Paths, self._paths


class Strings:
    """`Strings("metadata", "ownerReferences", "uid")(obj)`: every text there, in order.

    A list stands for each of its items where no index follows. What is no text, or an empty one,
    does not count; where nothing counts, `default` does, if there is one. These are the keys of
    MongoDB's multikey indexes.

    Raises:
        TypeError: a step is neither str nor int, or `default` no str.
        ValueError: a step or `default` has no JSON form.
    """

    __slots__ = ("_missing", "_steps")

    def __init__(self, *steps: Step, default: str | None = None) -> None:
        if default is not None and not isinstance(default, str):
            raise TypeError(f"default must be str, not {type(default).__name__}")
        self._missing = () if default is None else (str(_exact_step(default)),)
        self._steps = tuple([_exact_step(step) for step in steps])

    @property
    def steps(self) -> tuple[Step, ...]:
        """Where they lead."""
        return self._steps

    @property
    def default(self) -> str | None:
        """The text that stands for none."""
        return self._missing[0] if self._missing else None

    def __call__(self, value: Any, /) -> tuple[str, ...]:
        """What is there. O(depth + what lists on the way hold).

        Raises:
            TypeError: `value` is no frozen map or list.
        """
        return tuple(self._found(_node(value), 0)) or self._missing

    def _found(self, value: Any, at: int) -> Iterator[str]:
        step = self._steps[at] if at < len(self._steps) else None
        if type(value) is FrozenList and not isinstance(step, int):
            for item in value:
                yield from self._found(item, at)
        elif step is None:
            if isinstance(value, str) and value:
                yield value
        elif type(value) is FrozenMap or type(value) is FrozenList:
            yield from self._found(value.at(step), at + 1)

    def __repr__(self) -> str:
        return f"<strings at {self._steps!r}, default {self.default!r}>"

    def __getnewargs_ex__(self) -> tuple[tuple[Step, ...], dict[str, str | None]]:
        return self._steps, {"default": self.default}


class Patch:
    """`Patch(path, ...)(pod, value, ...)` changes like one `set` after the other.

    A path is what `set` takes: a step or a tuple of steps, the last of which may be `"-"`.

    Raises:
        TypeError: a step is neither str nor int.
        ValueError: a step has no JSON form.
    """

    __slots__ = ("_paths",)

    def __init__(self, *paths: Steps) -> None:
        self._paths = tuple([_exact_steps(path) for path in paths])

    @property
    def paths(self) -> tuple[tuple[Step, ...], ...]:
        """Where it changes."""
        return self._paths

    def __call__(self, value: Any, /, *new: Any) -> Any:
        """A copy of `value` with `new[i]` at `paths[i]`. O(levels touched * width).

        Raises:
            TypeError: `value` is no frozen map or list, not one new value for each path, or as
                `set` does.
            IndexError, ValueError: as `set` does.
        """
        _node(value)
        _check_count("patch", len(self._paths), len(new))
        return _changed(value, self._paths, new)

    def read(self, value: Any, changed: Any, /) -> tuple[Any, ...] | None:
        """The parts with which the patch changes `value` to `changed`; None when it cannot.

        O(parts that the two do not share).

        Raises:
            TypeError: either is no frozen map or list.
        """
        return _read(_node(value), _node(changed), self._paths)

    def __repr__(self) -> str:
        return f"Patch{self._paths!r}"

    def __reduce__(self) -> tuple[Any, ...]:
        return Patch, self._paths


class GuardedPatch:
    """A patch with conditions: `GuardedPatch(texts, absent, path, ...)(pod, text, ..., new, ...)`.

    Each of the `texts` is a path, where the text given must be; each of the `absent` one where
    nothing may be, or null. What fits changes as by `Patch(path, ...)(pod, value, ...)`.

    Raises:
        TypeError: a step is neither str nor int, or a guard is no tuple of paths.
        ValueError: a step has no JSON form.
    """

    __slots__ = ("_absent", "_patch", "_texts")

    def __init__(
        self, texts: tuple[Steps, ...], absent: tuple[Steps, ...], /, *paths: Steps
    ) -> None:
        self._texts = _guard(texts)
        self._absent = _guard(absent)
        self._patch = Patch(*paths)

    @property
    def texts(self) -> tuple[tuple[Step, ...], ...]:
        """Where the given texts must be."""
        return self._texts

    @property
    def absent(self) -> tuple[tuple[Step, ...], ...]:
        """Where nothing may be."""
        return self._absent

    @property
    def paths(self) -> tuple[tuple[Step, ...], ...]:
        """Where it changes."""
        return self._patch.paths

    def __call__(self, value: Any, /, *given: Any) -> Any:
        """The changed copy of a value that fits, else None. O(sum of depths, and as a `Patch`).

        Raises:
            TypeError: `value` is no frozen map or list, too few are given, or as a `Patch` does.
            IndexError, ValueError: as a `Patch` does.
        """
        count = len(self._texts)
        if len(given) < count:
            raise TypeError(f"a guarded patch takes a value, {count} texts and new parts")
        texts, new = given[:count], given[count:]
        for part, text in zip(_parts(_node(value), self._texts), texts, strict=True):
            if type(part) is not str or type(text) is not str or part != text:
                return None
        if any(part is not None for part in _parts(value, self._absent)):
            return None
        return self._patch(value, *new)

    def __repr__(self) -> str:
        return f"GuardedPatch{(self._texts, self._absent, *self.paths)!r}"

    def __reduce__(self) -> tuple[Any, ...]:
        return GuardedPatch, (self._texts, self._absent, *self.paths)


class Template:
    """`Template(pod, path, ...)(value, ...)` is `Patch(path, ...)(pod, value, ...)`.

    What is made shares with the template everything that is not on a path.

    Raises:
        TypeError: `value` is no frozen map or list, or a step neither str nor int.
        ValueError: a step has no JSON form.
    """

    __slots__ = ("_paths", "_value")

    def __init__(self, value: Any, /, *paths: Steps) -> None:
        self._value = _node(value)
        self._paths = tuple([_exact_steps(path) for path in paths])

    @property
    def value(self) -> Any:
        """What is copied."""
        return self._value

    @property
    def paths(self) -> tuple[tuple[Step, ...], ...]:
        """Where copies differ."""
        return self._paths

    def __call__(self, *new: Any) -> Any:
        """A copy of the template with `new[i]` at `paths[i]`; raises like a `Patch`."""
        _check_count("template", len(self._paths), len(new))
        return _changed(self._value, self._paths, new)

    def read(self, value: Any, /) -> tuple[Any, ...] | None:
        """The parts from which the template makes `value`; None when it makes it from none.

        O(parts that `value` does not share with the template).

        Raises:
            TypeError: `value` is no frozen map or list.
        """
        return _read(self._value, _node(value), self._paths)

    def read_texts(self, value: Any, /) -> tuple[str, ...] | None:
        """As `read`, but None unless every part is a text with something in it.

        Raises:
            TypeError: `value` is no frozen map or list.
        """
        parts = self.read(value)
        if parts is None or not all(isinstance(part, str) and part for part in parts):
            return None
        return parts

    def __repr__(self) -> str:
        return f"Template{(self._value, *self._paths)!r}"

    def __reduce__(self) -> tuple[Any, ...]:
        return Template, (self._value, *self._paths)


def _guard(paths: Any) -> tuple[tuple[Step, ...], ...]:
    if not isinstance(paths, tuple):
        raise TypeError(f"guards are a tuple of paths, not {type(paths).__name__}")
    return tuple([_exact_steps(path) for path in paths])


def _parts(value: Any, paths: tuple[tuple[Step, ...], ...]) -> tuple[Any, ...]:
    return tuple([value.at(*steps) for steps in paths])


def _check_count(what: str, path_count: int, new_count: int) -> None:
    if path_count != new_count:
        raise TypeError(f"{what} of {path_count} paths takes as many values, not {new_count}")


def _changed(value: Any, paths: tuple[tuple[Step, ...], ...], new: tuple[Any, ...]) -> Any:
    for steps, one in zip(paths, new, strict=True):
        value = set_at(value, steps, one)
    return value


def _read(model: Any, value: Any, paths: tuple[tuple[Step, ...], ...]) -> tuple[Any, ...] | None:
    parts = _parts(value, paths)
    try:
        return parts if _changed(model, paths, parts) == value else None
    except (TypeError, IndexError, ValueError):
        return None  # A path leads nowhere in the model.
