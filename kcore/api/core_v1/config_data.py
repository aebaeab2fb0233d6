"""ConfigMap and Secret: keys, sizes, types of secrets, and what `immutable` forbids."""

import json
from base64 import b64decode
from typing import Any, Final

from kcore.api.field_rules import validate_immutable
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors, key
from kcore.machinery.formats import config_map_key, length_bytes
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap

DATA_BYTES_MAX: Final = 1024 * 1024
REDACTED: Final = "<secret contents redacted>"
_SERVICE_ACCOUNT_NAME: Final = "kubernetes.io/service-account.name"
_FROZEN: Final = "field is immutable when `immutable` is set"
_WHITESPACE: Final = " \t\r\n"


def validate_config_map(config_map: FrozenMap, errors: FieldErrors) -> None:
    """Keys are file names, once, and everything together fits a mebibyte."""
    data = config_map.get("data") or EMPTY_MAP
    binary = config_map.get("binaryData") or EMPTY_MAP
    size = 0
    for name, text in data.items():
        errors.invalid_each(key("data", name), name, config_map_key(name))
        if name in binary:
            errors.invalid(key("data", name), name, "duplicate of key present in binaryData")
        size += length_bytes(text)
    for name, text in binary.items():
        errors.invalid_each(key("binaryData", name), name, config_map_key(name))
        size += decoded_length(text)
    if size > DATA_BYTES_MAX:
        errors.too_long("", DATA_BYTES_MAX)


def validate_config_map_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """An immutable ConfigMap stays as it is."""
    if not old.get("immutable"):
        return
    if not new.get("immutable"):
        errors.forbidden("immutable", _FROZEN)
    for field in ("data", "binaryData"):
        if (new.get(field) or EMPTY_MAP) != (old.get(field) or EMPTY_MAP):
            errors.forbidden(field, _FROZEN)


def decoded_length(text: str | None) -> int:
    """Bytes that a base64 text stands for."""
    return 0 if text is None else len(text) * 3 // 4 - text[-2:].count("=")


def validate_secret(secret: FrozenMap, errors: FieldErrors) -> None:
    """Keys, size, and what the type of the secret demands."""
    data = secret.get("data") or EMPTY_MAP
    for name in data:
        errors.invalid_each(key("data", name), name, config_map_key(name))
    if sum(decoded_length(text) for text in data.values()) > DATA_BYTES_MAX:
        errors.too_long("data", DATA_BYTES_MAX)
    check = _SECRET_TYPES.get(secret.get("type") or "")
    if check is not None:
        check(secret, data, errors)


def _service_account_token(secret: FrozenMap, _data: FrozenMap, errors: FieldErrors) -> None:
    if not secret.at("metadata", "annotations", _SERVICE_ACCOUNT_NAME):
        errors.required(key("metadata.annotations", _SERVICE_ACCOUNT_NAME))


def _docker_file(name: str) -> Any:
    def check(_secret: FrozenMap, data: FrozenMap, errors: FieldErrors) -> None:
        text = data.get(name)
        if name not in data:
            errors.required(key("data", name))
            return
        problem = json_problem(b64decode(text or ""))
        if problem:
            errors.invalid(key("data", name), REDACTED, problem)

    return check


def _basic_auth(_secret: FrozenMap, data: FrozenMap, errors: FieldErrors) -> None:
    if "username" not in data and "password" not in data:
        errors.required(key("data", "username"))
        errors.required(key("data", "password"))


def _ssh_auth(_secret: FrozenMap, data: FrozenMap, errors: FieldErrors) -> None:
    if not data.get("ssh-privatekey"):
        errors.required(key("data", "ssh-privatekey"))


def _tls(_secret: FrozenMap, data: FrozenMap, errors: FieldErrors) -> None:
    for name in ("tls.crt", "tls.key"):
        if name not in data:
            errors.required(key("data", name))


_SECRET_TYPES: Final = {
    "kubernetes.io/service-account-token": _service_account_token,
    "kubernetes.io/dockercfg": _docker_file(".dockercfg"),
    "kubernetes.io/dockerconfigjson": _docker_file(".dockerconfigjson"),
    "kubernetes.io/basic-auth": _basic_auth,
    "kubernetes.io/ssh-auth": _ssh_auth,
    "kubernetes.io/tls": _tls,
}


def json_problem(content: bytes) -> str:
    """What Go's reader says about a text that should be a JSON object; empty when it is one."""
    text = content.decode("latin-1")
    start = text.lstrip(_WHITESPACE)
    if not start:
        return "unexpected end of JSON input"
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        if start[0] not in '{["-0123456789tfn':
            return f"invalid character '{start[0]}' looking for beginning of value"
        return _deeper_problem(start)
    if isinstance(value, dict) or value is None:
        return ""
    words = {list: "array", str: "string", bool: "bool"}
    found = words.get(type(value), "number")
    return f"json: cannot unmarshal {found} into Go value of type map[string]interface {{}}"


def _deeper_problem(text: str) -> str:
    """The problem of a text that begins like JSON."""
    for word in ("true", "false", "null"):
        if text[0] == word[0]:
            for position, wanted in enumerate(word):
                if position >= len(text):
                    return "unexpected end of JSON input"
                if text[position] != wanted:
                    return (
                        f"invalid character '{text[position]}' in literal {word} "
                        f"(expecting '{wanted}')"
                    )
    return "unexpected end of JSON input"


def validate_secret_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The type stays; an immutable secret stays as it is."""
    validate_immutable(new.get("type"), old.get("type"), errors, "type")
    if not old.get("immutable"):
        return
    if not new.get("immutable"):
        errors.forbidden("immutable", _FROZEN)
    if (new.get("data") or EMPTY_MAP) != (old.get("data") or EMPTY_MAP):
        errors.forbidden("data", _FROZEN)


CONFIG_MAP: Final = Validation(validate_config_map, validate_config_map_update)
SECRET: Final = Validation(validate_secret, validate_secret_update)
