"""`labels/*`: selectors from text, from objects, from maps."""

from kcore.machinery.frozen import freeze
from kcore.machinery.labels import (
    Selector,
    SelectorError,
    format_label_selector,
    from_label_selector,
    from_set,
    from_validated_set,
    label_selector_as_map,
    parse_labels_map,
    parse_selector,
    requirement,
    to_label_selector,
)
from tests.conformance.registry import Registry

registry = Registry("machinery")

EXACT_KEYS = ("app", "env", "in")


def attempt(function, *arguments):
    """The function's result, or upstream's form of its error."""
    try:
        return function(*arguments)
    except SelectorError as error:
        return {"error": str(error)}


def described(selector, sets):
    return {
        "empty": selector.is_empty(),
        "matches": [selector.matches(freeze(one)) for one in sets],
        "requirements": [
            {"key": one.key, "operator": one.operator, "values": sorted(set(one.values))}
            for one in selector.requirements
        ],
        "selectable": selector.selectable,
        "string": str(selector),
    }


def without_empty(labels):
    return {key: value for key, value in labels.items() if value}


@registry.answers("labels/parse")
def parse(given):
    text = given["selector"]
    try:
        selector = parse_selector(text)
    except SelectorError as error:
        return {"error": str(error)}
    found = attempt(to_label_selector, selector.requirements)
    exact = {key: selector.required_value(key) for key in EXACT_KEYS}
    return {
        **described(selector, given["sets"]),
        "labelSelector": without_empty(found),
        "labelsMap": attempt(parse_labels_map, text),
        "reparse": attempt(lambda: str(parse_selector(str(selector)))),
        "requiresExactMatch": {key: one for key, one in exact.items() if one is not None},
    }


@registry.answers("labels/labelSelector")
def label_selector(given):
    obj = freeze(given["labelSelector"])
    out = {"format": format_label_selector(obj)}
    try:
        out["asMap"] = None if obj is None else label_selector_as_map(obj)
    except SelectorError as error:
        out["asMapError"] = str(error)
    try:
        return out | described(from_label_selector(obj), given["sets"])
    except SelectorError as error:
        return out | {"error": str(error)}


@registry.answers("labels/requirement")
def one_requirement(given):
    try:
        one = requirement(given["key"], given["operator"], given["values"] or None)
    except SelectorError as error:
        return {"error": str(error)}
    return {
        "matches": [one.matches(freeze(labels)) for labels in given["sets"]],
        "string": str(one),
        "values": sorted(set(one.values)),
    }


@registry.answers("labels/set")
def label_set(given):
    left, right = given["a"], given["b"]
    selector = from_set(left)
    text = ",".join(sorted(f"{key}={value}" for key, value in left.items()))
    return {
        "aSelectsB": selector.matches(freeze(right)),
        "conflicts": any(key in right and right[key] != left[key] for key in left),
        "equals": freeze(left) == freeze(right),
        "format": text or "<none>",
        "merge": left | right,
        "selector": str(selector),
        "string": text,
        "validated": attempt(lambda: str(from_validated_set(left))),
    }


__all__ = ["Selector", "registry"]
