"""Events about objects, written as client-go's EventRecorder writes them."""

from collections.abc import Callable
from typing import Any, Final, Literal, Self

from kcore.client.client import Client
from kcore.client.event_correlator import EventCorrelator, Occurrence
from kcore.errors import ApiError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap, Template, freeze
from kcore.machinery.timestamps import format_time
from kcore.runtime.clock import Clock, VirtualClock
from kcore.runtime.faults import LostResponseError

EventType = Literal["Normal", "Warning"]

# More components than this never speak about one object at one instant.
SPEAKERS_COUNT_MAX: Final = 64
# Forms remembered by one recorder; more and all are forgotten.
FORMS_COUNT_MAX: Final = 256
_OWN_FIELDS: Final = (
    ("metadata", "name"),
    ("involvedObject", "name"),
    ("message",),
    ("firstTimestamp",),
    ("lastTimestamp",),
)


class EventRecorder:
    """Speaks for one component (`deployment-controller`), on one host if it has one."""

    __slots__ = (
        "_client",
        "_clock",
        "_component",
        "_correlator",
        "_forms",
        "_host",
        "_stamp_ns",
        "_told",
    )

    def __init__(self, client: Client, clock: Clock, component: str, host: str = "") -> None:
        self._client = client
        self._clock = clock
        self._component = component
        self._host = host
        self._correlator = EventCorrelator()
        self._stamp_ns = 0
        # Events that differ in their own fields alone, and the latest instant with its text.
        self._forms: dict[tuple[str, ...], Template] = {}
        self._told = (-1, "")

    def for_component(self, component: str, host: str = "") -> "EventRecorder":
        """A recorder of another component over the same client."""
        return EventRecorder(self._client, self._clock, component, host)

    def event(
        self,
        obj: FrozenMap,
        event_type: EventType,
        reason: str,
        message: str,
        field_path: str = "",
    ) -> None:
        """Say something about `obj`, once or as a repeat.

        A refusal by the API is dropped, as upstream's recorder drops it: an event is a remark,
        and nothing may depend on it. An injected crash passes through.
        """
        reference = _reference(obj, field_path)
        about = (self._component, self._host, *reference.values())
        group = (*about, event_type, reason)
        occurrence = self._correlator.correlate(about, group, message, self._clock.now_ns())
        if occurrence is None:
            return
        if occurrence.name and self._repeat(reference, occurrence):
            return
        self._create(reference, event_type, reason, occurrence)

    def _create(
        self, reference: dict[str, str], event_type: EventType, reason: str, occurrence: Occurrence
    ) -> None:
        form = self._form(reference, event_type, reason)
        about, now = reference["name"], self._now_text()
        values: tuple[str, ...] = (about, occurrence.message, now, now)
        if reference["uid"]:
            values = (*values, reference["uid"])
        name = self._store(form, about, values)
        if name:
            self._correlator.written(occurrence, name)

    def _form(self, reference: dict[str, str], event_type: EventType, reason: str) -> Template:
        """What events of this sort about such objects have in common; to be filled in."""
        has_uid = "uid" if reference["uid"] else ""
        kind, namespace = reference["kind"], reference["namespace"]
        more = (reference["apiVersion"], reference["fieldPath"])
        key = (event_type, reason, kind, namespace, has_uid, *more)
        form = self._forms.get(key)
        if form is None:
            if len(self._forms) >= FORMS_COUNT_MAX:
                self._forms.clear()
            fields = (*_OWN_FIELDS, ("involvedObject", "uid")) if has_uid else _OWN_FIELDS
            body = freeze(self._body(reference, event_type, reason))
            form = self._forms[key] = Template(body, *fields)
        return form

    def _body(
        self, reference: dict[str, str], event_type: EventType, reason: str
    ) -> dict[str, Any]:
        source = {"component": self._component, "host": self._host}
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"namespace": _namespace(reference)},
            "involvedObject": {key: value for key, value in reference.items() if value},
            "type": event_type,
            "reason": reason,
            "source": {key: value for key, value in source.items() if value},
            "count": 1,
            "reportingComponent": self._component,
            "reportingInstance": self._host,
        }

    def _now_text(self) -> str:
        """The present as Events write it; in a cascade time stands still."""
        now_ns = self._clock.now_ns()
        if self._told[0] != now_ns:
            self._told = (now_ns, format_time(now_ns))
        return self._told[1]

    def _store(self, form: Template, about: str, values: tuple[str, ...]) -> str:
        """Create the event under a name of its own; the empty string when it was refused.

        Another component may have spoken about the same object at the same instant and taken the
        name. On a real clock that is as good as impossible; here it is common, so the next
        nanosecond is tried. Every instant has at most a few speakers.
        """
        for _ in range(SPEAKERS_COUNT_MAX):
            name = f"{about}.{self._stamp():x}"
            try:
                self._client.create(form(name, *values))
            except (ApiError, LostResponseError) as error:
                if isinstance(error, ApiError) and error.reason == "AlreadyExists":
                    continue
                return ""
            return name
        return ""

    def _repeat(self, reference: dict[str, str], occurrence: Occurrence) -> bool:
        now = format_time(self._clock.now_ns())
        patch = {
            "count": occurrence.times_count,
            "lastTimestamp": now,
            "message": occurrence.message,
        }
        namespace = _namespace(reference)
        name = occurrence.name
        patched = _try(lambda: self._client.patch("events", name, freeze(patch), namespace))
        if patched is None:
            self._correlator.forget(occurrence)
            return False
        self._correlator.written(occurrence, name)
        return True

    def _stamp(self) -> int:
        """The time in the Event's name; virtual time stands still in a cascade, names must not."""
        self._stamp_ns = max(self._clock.now_ns(), self._stamp_ns + 1)
        return self._stamp_ns

    def fork(self, memo: ForkMemo) -> Self:
        """The same memory over the forked client."""
        if not isinstance(self._clock, VirtualClock):
            raise TypeError("only a world on a virtual clock can be forked")
        twin = type(self)(memo(self._client), memo(self._clock), self._component, self._host)
        twin._correlator = memo(self._correlator)
        twin._stamp_ns = self._stamp_ns
        return twin


def _reference(obj: FrozenMap, field_path: str) -> dict[str, str]:
    metadata = obj["metadata"]
    return {
        "kind": obj["kind"],
        "namespace": metadata.get("namespace") or "",
        "name": metadata["name"],
        "uid": metadata.get("uid") or "",
        "apiVersion": obj["apiVersion"],
        "fieldPath": field_path,
    }


def _namespace(reference: dict[str, str]) -> str:
    return reference["namespace"] or "default"


def _try(call: Callable[[], FrozenMap]) -> FrozenMap | None:
    try:
        return call()
    except (ApiError, LostResponseError):
        return None
