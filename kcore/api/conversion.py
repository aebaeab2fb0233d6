"""One stored object in the versions that the API serves it in.

`convert` takes an object to another served version of its kind, with the defaults of its own
version on the way, as upstream's reader does. Kinds that are served in one version only have no
entry; a target that is not served is refused.
"""

from collections.abc import Callable, Mapping
from typing import Final

from kcore.api.autoscaling_v2 import autoscaler_conversion as autoscaler
from kcore.api.autoscaling_v2.autoscaler_defaults import default_autoscaler, default_v1
from kcore.api.events_v1 import event_conversion as event
from kcore.errors import bad_request
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.schema import decode

Conversion = Callable[[FrozenMap], FrozenMap]


def _autoscaler_to_v2(obj: FrozenMap) -> FrozenMap:
    return autoscaler.to_v2(default_v1(_decoded(obj)))


def _autoscaler_to_v1(obj: FrozenMap) -> FrozenMap:
    decoded = _decoded(obj)
    for direction in ("scaleUp", "scaleDown"):
        # No policies at all and an empty list of them are two things to the defaults.
        path = ("spec", "behavior", direction, "policies")
        if obj.at(*path) == EMPTY_LIST:
            decoded = decoded.set(path, EMPTY_LIST)
    return autoscaler.to_v1(default_autoscaler(decoded))


def _decoded(obj: FrozenMap) -> FrozenMap:
    return decode(obj, obj["apiVersion"], obj["kind"]).object


CONVERSIONS: Final[Mapping[tuple[str, str, str], Conversion]] = {
    ("Event", event.V1, event.EVENTS_V1): lambda obj: event.to_events_v1(_decoded(obj)),
    ("Event", event.EVENTS_V1, event.V1): lambda obj: event.to_v1(_decoded(obj)),
    ("HorizontalPodAutoscaler", autoscaler.V1, autoscaler.V2): _autoscaler_to_v2,
    ("HorizontalPodAutoscaler", autoscaler.V2, autoscaler.V1): _autoscaler_to_v1,
}


def served_versions(api_version: str, kind: str) -> tuple[str, ...]:
    """The versions that an object of this kind converts to, its own first."""
    others = (to for name, source, to in CONVERSIONS if (name, source) == (kind, api_version))
    return (api_version, *others)


def convert_without_defaults(obj: FrozenMap, api_version: str) -> FrozenMap:
    """`obj` as `api_version` shows it, with nothing filled in; for kinds of one group. O(size)."""
    if obj.get("apiVersion") == api_version:
        return obj
    to_other = autoscaler.to_v2 if api_version == autoscaler.V2 else autoscaler.to_v1
    return decode(to_other(_decoded(obj)), api_version, obj["kind"]).object


def convert(obj: FrozenMap, api_version: str) -> FrozenMap:
    """`obj` as `api_version` shows it; the object itself when it is of that version. O(size).

    Raises:
        ApiError: 400, the kind is not served in that version, or a value has the wrong type.
    """
    kind, source = obj["kind"], obj["apiVersion"]
    if source == api_version:
        return obj
    conversion = CONVERSIONS.get((kind, source, api_version))
    if conversion is None:
        raise bad_request(f"{source} {kind} cannot be converted to {api_version}")
    return decode(conversion(obj), api_version, kind).object
