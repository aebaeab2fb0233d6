"""Values to text and back: YAML as kubectl writes it, JSON with indent, request bodies.

Reading manifests, with files and lines, is `manifest`; the scalars of YAML are `yaml_dialect`.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

import yaml

from kcore.machinery.frozen import dumps, loads
from kcore.machinery.yaml_dialect import first_node, resolve_plain, value_of

_STR: Final = "tag:yaml.org,2002:str"


class _Dumper(yaml.CSafeDumper):
    """Block style, no aliases; strings quoted where Kubernetes' dialect would misread them."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _represent_str(dumper: Any, text: str) -> Any:
    if "\n" in text:
        return dumper.represent_scalar(_STR, text, style="|")
    looks_otherwise = not isinstance(resolve_plain(text), str) or _looks_like_time(text)
    return dumper.represent_scalar(_STR, text, style='"' if looks_otherwise else None)


def _looks_like_time(text: str) -> bool:
    """Whether another YAML reader could take the text for a date or a sexagesimal number."""
    return text[:1].isdigit() and ("-" in text or ":" in text)


def _represent_float(dumper: Any, number: float) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:float", dumps(number).decode())


_Dumper.add_representer(str, _represent_str)
_Dumper.add_representer(float, _represent_float)


def dump_yaml(obj: Any) -> str:
    """YAML as kubectl prints it: sorted keys, block style, long texts as blocks. O(size)."""
    text: str = yaml.dump(
        json.loads(dumps(obj)),
        Dumper=_Dumper,
        default_flow_style=False,
        sort_keys=True,
        allow_unicode=True,
        width=2**31 - 1,
    )
    # libyaml ends a bare scalar document with a marker that nobody wants to read.
    return text.removesuffix("...\n")


def dump_yaml_documents(objects: Any) -> str:
    """Several documents in one stream, separated by `---`."""
    return "---\n".join(dump_yaml(obj) for obj in objects)


def dump_json(obj: Any, indent: int = 4) -> str:
    """JSON with sorted keys and `indent` spaces (kubectl's `-o json` uses four). O(size)."""
    return json.dumps(json.loads(dumps(obj)), indent=indent, ensure_ascii=False) + "\n"


def parse_yaml(text: str, *, strict: bool = False) -> Any:
    """The value of the first document of `text`; None when there is none. O(size).

    Raises:
        YamlError: not YAML, or not a JSON value; with `strict` also a repeated key.
    """
    return value_of(first_node(text), strict=strict)


def parse_body(text: str) -> Any:
    """A request body in JSON or YAML, whichever it looks like; repeated keys: the last wins.

    Raises:
        JSONError: looks like JSON and is malformed.
        YamlError: malformed YAML.
    """
    return loads(text) if is_json_text(text) else parse_yaml(text)


def is_json_text(text: str) -> bool:
    """Whether the first character of `text` opens a JSON object, as upstream decides it."""
    return text.lstrip(" \t\r\n").startswith("{")


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with repeated keys still in place."""


def duplicate_fields(text: str | bytes) -> list[str]:
    """Strict decoding's texts for repeated keys: `duplicate field "spec.replicas"`. O(size).

    Text that is not JSON has no duplicates; the reader reports it.
    """
    try:
        document = json.loads(text, object_pairs_hook=_Pairs)
    except ValueError:
        return []
    return [f'duplicate field "{path}"' for path in _repeated(document, "")]


def _repeated(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        reported: set[str] = set()
        for key, child in value:
            here = f"{path}.{key}" if path else key
            if key in seen and key not in reported:
                reported.add(key)
                yield here
            seen.add(key)
            yield from _repeated(child, here)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _repeated(child, f"{path}[{index}]")
