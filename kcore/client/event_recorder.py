"""Events about objects, written as client-go's EventRecorder writes them."""

from typing import Final, Literal, Self

from kcore.client.client import Client
from kcore.client.event_correlator import EventCorrelator, Remark
from kcore.errors import ApiError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap, Paths, Template, freeze
from kcore.machinery.request import Line, Request
from kcore.machinery.timestamps import format_time
from kcore.runtime.clock import Clock, Instants, VirtualClock
from kcore.runtime.faults import LostResponseError

EventType = Literal["Normal", "Warning"]

# More components than this never speak about one object at one instant.
SPEAKERS_COUNT_MAX: Final = 64
# Forms remembered by one recorder; more and all are forgotten.
FORMS_COUNT_MAX: Final = 256
_REFERENCE: Final = Paths(
    ("metadata", "name"), ("metadata", "namespace"), ("metadata", "uid"), "kind", "apiVersion"
)
_OWN_FIELDS: Final = (
    ("metadata", "name"),
    ("involvedObject", "name"),
    ("message",),
    ("firstTimestamp",),
    ("lastTimestamp",),
)


_Sort = tuple[str, str, str | None, bool, str, str, str]
_Form = tuple[Template, Request, Line]
"""What events of one sort have in common, to be filled in, and the call that creates such."""


class EventRecorder:
    """Speaks for one component (`deployment-controller`), on one host if it has one."""

    __slots__ = (
        "_client",
        "_clock",
        "_component",
        "_correlator",
        "_forms",
        "_host",
        "_instants",
        "_told",
        "_told_ns",
    )

    def __init__(self, client: Client, clock: Clock, component: str, host: str = "") -> None:
        self._client = client
        self._clock = clock
        self._component = component
        self._host = host
        self._correlator = EventCorrelator()
        self._instants = Instants()
        # Events that differ in their own fields alone, and the latest instant with its text.
        self._forms: dict[_Sort, _Form] = {}
        self._told_ns = -1
        self._told = ""

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

        Raises:
            ValueError: the object has no name yet.
        """
        about = name, namespace, uid, kind, api_version = _REFERENCE(obj)
        if not name:
            raise ValueError("an event is about an object that has a name")
        if field_path:
            about = (*about, field_path)
        now_ns = self._clock.now_ns()
        if now_ns is not self._told_ns:  # In a cascade time stands still: the same number.
            self._told_ns, self._told = now_ns, format_time(now_ns)
        sort = (event_type, reason, namespace, not uid, kind, api_version, field_path)
        form = self._forms.get(sort)
        if form is None:
            form = self._new_form(obj, sort)
        correlator = self._correlator
        if correlator.is_first(uid, about, event_type, reason, message):
            event_name = ""
            try:
                event_name = self._created(form, name, uid, message, now_ns)
            finally:  # What a crash comes between was said, too.
                first = about, event_type, reason, message, now_ns, event_name
                correlator.first_said(uid, first)
        else:
            self._repeated(form, (about, event_type, reason, message, now_ns))

    def _repeated(self, form: _Form, remark: Remark) -> None:
        """Say something of an object that was spoken about before, or something again."""
        occurrence = self._correlator.correlate(remark)
        if occurrence is None:
            return
        name, namespace, uid = remark[0][:3]
        assert name  # `event` has looked.
        key, message, times_count, event_name = occurrence
        if event_name:
            patch = {"count": times_count, "lastTimestamp": self._told, "message": message}
            if self._patched(event_name, freeze(patch), namespace or "default"):
                self._correlator.written(key, times_count, event_name)
                return
            self._correlator.forget(key)
        event_name = self._created(form, name, uid, message, remark[-1])
        if event_name:
            self._correlator.written(key, times_count, event_name)

    def _created(self, form: _Form, about: str, uid: str | None, message: str, now_ns: int) -> str:
        """Create the event under a name of its own; the empty string when it was refused.

        The name holds the time; virtual time stands still in a cascade, names must not. Another
        component may have spoken about the same object at the same instant and taken the name. On
        a real clock that is as good as impossible; here it is common, so the next nanosecond is
        tried. Every instant has at most a few speakers.
        """
        template, request, line = form
        told, instants, tries_count = self._told, self._instants, 0
        while True:
            name, fill = instants.name(about, now_ns), line.fill
            try:
                if uid:
                    fill(request, template, (name, about, message, told, told, uid))
                else:
                    fill(request, template, (name, about, message, told, told))
            except (ApiError, LostResponseError) as error:
                tries_count += 1
                is_taken = isinstance(error, ApiError) and error.reason == "AlreadyExists"
                if not is_taken or tries_count == SPEAKERS_COUNT_MAX:
                    return ""
            else:
                return name

    def _patched(self, name: str, patch: FrozenMap, namespace: str) -> bool:
        try:
            self._client.patch("events", name, patch, namespace)
        except (ApiError, LostResponseError):
            return False
        return True

    def _new_form(self, obj: FrozenMap, sort: _Sort) -> _Form:
        event_type, reason, namespace, lacks_uid, *_, field_path = sort
        if len(self._forms) >= FORMS_COUNT_MAX:
            self._forms.clear()
        involved = {
            "kind": obj["kind"],
            "namespace": namespace,
            "name": obj["metadata"]["name"],
            "apiVersion": obj["apiVersion"],
            "fieldPath": field_path,
        }
        source = {"component": self._component, "host": self._host}
        body = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"namespace": namespace or "default"},
            "involvedObject": {key: value for key, value in involved.items() if value},
            "type": event_type,
            "reason": reason,
            "source": {key: value for key, value in source.items() if value},
            "count": 1,
            "reportingComponent": self._component,
            "reportingInstance": self._host,
        }
        fields = _OWN_FIELDS if lacks_uid else (*_OWN_FIELDS, ("involvedObject", "uid"))
        model: FrozenMap = freeze(body)
        form = self._forms[sort] = Template(model, *fields), *self._client.create_call(model)
        return form

    def fork(self, memo: ForkMemo) -> Self:
        """The same memory over the forked client."""
        if not isinstance(self._clock, VirtualClock):
            raise TypeError("only a world on a virtual clock can be forked")
        twin = type(self)(memo(self._client), memo(self._clock), self._component, self._host)
        twin._correlator = memo(self._correlator)
        twin._instants = self._instants.copy()
        return twin
