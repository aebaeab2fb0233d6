"""Comparing answers with recorded ones whose versions, uids and times were replaced by names.

Each name (`<uid:1>`, `<ip:2>`) must stand for one value throughout, and each value for one name.
Versions are so bound where they are an object's; those of lists only have to be numbers, as
background writes of the real server make the recorded ones meaningless.
"""

import re

NAME = re.compile(r"<(uid|rv|t|rand|ip|nodePort|continue)(?::(\d+))?>")
VALUES = {
    "uid": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "rv": r"\d+",
    "t": r"\d{4}-\d\d-\d\dT[\d:.]+Z",
    "rand": r"[a-z0-9]{5}",
    "ip": r"[\d.]+|[0-9a-f:]+",
    "nodePort": r"\d+",
    "continue": r".+",
}
ABBREVIATED = 400


class Matcher:
    """One conversation's names and what they stand for."""

    def __init__(self):
        self._value_of = {}
        self._name_of = {}

    def match(self, expected, actual, path=""):
        """None, or where and how the answer differs."""
        if isinstance(expected, str):
            return self._text(expected, actual, path)
        if isinstance(expected, dict):
            return self._map(expected, actual, path)
        if isinstance(expected, list):
            return self._list(expected, actual, path)
        same = expected == actual and isinstance(expected, bool) == isinstance(actual, bool)
        return None if same else f"{path}: expected {expected!r}, got {actual!r}"

    def _map(self, expected, actual, path):
        if not isinstance(actual, dict):
            return f"{path}: expected an object, got {actual!r}"
        expected, actual = _without_noise(expected), _without_noise(actual)
        if expected.keys() != actual.keys():
            missing = sorted(expected.keys() - actual.keys())
            return f"{path}: missing {missing}, extra {sorted(actual.keys() - expected.keys())}"
        is_object = "uid" in expected
        for key in sorted(expected):
            step = f"{path}.{key}"
            if key == "resourceVersion" and not is_object:
                difference = self._number(expected[key], actual[key], step)
            else:
                difference = self.match(expected[key], actual[key], step)
            if difference:
                return difference
        return None

    def _list(self, expected, actual, path):
        if not isinstance(actual, list) or len(expected) != len(actual):
            return f"{path}: expected {len(expected)} items, got {actual!r}"[:ABBREVIATED]
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            difference = self.match(one, other, f"{path}[{index}]")
            if difference:
                return difference
        return None

    def _number(self, expected, actual, path):
        if NAME.fullmatch(expected) and actual.isdigit():
            return None
        return self.match(expected, actual, path)

    def _text(self, expected, actual, path):
        if isinstance(actual, int) and expected.startswith("<nodePort"):
            actual = str(actual)
        if not isinstance(actual, str):
            return f"{path}: expected {expected!r}, got {actual!r}"
        names, pattern, start = [], "", 0
        for found in NAME.finditer(expected):
            pattern += f"{re.escape(expected[start : found.start()])}({VALUES[found[1]]})"
            names.append(found)
            start = found.end()
        matched = re.fullmatch(pattern + re.escape(expected[start:]), actual, re.DOTALL)
        if matched is None:
            return f"{path}: expected {expected[:ABBREVIATED]!r}, got {actual[:ABBREVIATED]!r}"
        bare = len(names) == 1 and names[0][0] == expected
        for name, value in zip(names, matched.groups(), strict=True):
            if name[1] in ("t", "continue") or (name[1] == "rv" and not bare):
                continue
            if self._value_of.setdefault(name[0], value) != value:
                return f"{path}: {name[0]} was {self._value_of[name[0]]}, is {value}"
            if self._name_of.setdefault((name[1], value), name[0]) != name[0]:
                return f"{path}: {value} was {self._name_of[name[1], value]}, is {name[0]}"
        return None


def _without_noise(obj):
    """Without managedFields, which are not kept yet, and without empty details."""
    return {
        key: value
        for key, value in obj.items()
        if key != "managedFields" and not (key == "details" and value == {})
    }
