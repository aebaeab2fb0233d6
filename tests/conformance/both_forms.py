"""Every built-in kind in JSON and in protobuf: what comes out is what went in, byte for byte."""

import base64
import importlib
import pkgutil
from functools import cache

import kcore.api
from kcore.machinery.frozen import loads
from kcore.machinery.model import KindModel
from kcore.machinery.protobuf import decode, encode
from kcore.machinery.typed_json import dump_typed_json
from tests.conformance.registry import Registry

registry = Registry("strategy")


@cache
def models():
    """(apiVersion, kind) -> the typed view."""
    found = {}
    for package in pkgutil.iter_modules(kcore.api.__path__):
        if package.ispkg and package.name != "data":
            module = importlib.import_module(f"kcore.api.{package.name}.models")
            views = [getattr(module, name) for name in module.__all__]
            for view in views:
                if issubclass(view, KindModel):
                    found[view.gvk().api_version, view.gvk().kind] = view
    return found


@registry.answers("roundtrip")
def roundtrip(given):
    """Both forms, by way of a value and, where the kind has one, of a typed view."""
    about = given["apiVersion"], given["kind"]
    values = {
        "json": loads(given["json"]),
        "pb": decode(base64.b64decode(given["pb"]), *about),
    }
    view = models().get(about)
    if view is not None:
        for form in ("json", "pb"):
            values[f"{form} by way of a typed view"] = view.from_frozen(values[form]).to_frozen()
    out = {}
    for way, value in values.items():
        text = dump_typed_json(value, indent=2, api_version=about[0], kind=about[1])
        body = base64.b64encode(encode(value, *about)).decode()
        if (text, body) != (given["json"], given["pb"]):
            out[way] = {"json": text, "pb": body}
    return out or {"json": given["json"], "pb": given["pb"]}
