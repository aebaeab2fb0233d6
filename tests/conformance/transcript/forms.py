"""Answers in the form that a request's `Accept` names: tables, or metadata alone."""

import re

from kcore.machinery.frozen import freeze, thaw
from kcore.printing.columns.custom import custom_printer
from kcore.printing.representation import (
    Representation,
    WatchRepresentation,
    representation,
    represented,
)
from tests.conformance.registry import UnsupportedError

AGE = re.compile(r"\d+[smhdy]\S*|<invalid>")
AGES = ("Age", "Created At", "Last Seen", "First Seen", "Duration")


def split(recorded):
    """The request without what names a form, and the form; None for plain answers."""
    headers = dict(recorded.get("headers") or {})
    accept = headers.pop("Accept", "application/json")
    query = recorded.get("query") or {}
    if isinstance(query, str):
        included = ""
    else:
        query = dict(query)
        included = query.pop("includeObject", "")
    wanted = wanted_form(accept, included)
    return {**recorded, "headers": headers, "query": query}, wanted


def wanted_form(accept: str, include_object: str) -> Representation | None:
    """The form of the first media type."""
    media_type, *parameters = [part.strip() for part in accept.partition(",")[0].split(";")]
    given = dict(one.split("=") for one in parameters)
    if media_type != "application/json" or not given.keys() <= {"as", "v", "g"}:
        raise UnsupportedError("content negotiation, users and impersonation")
    if not given:
        return None
    found = representation(given["as"], given["v"], given["g"], include_object)
    if found is None:
        raise UnsupportedError("content negotiation, users and impersonation")
    return found


def shown(body, wanted, now_ns, definitions):
    """An answer's body in a form; custom kinds have the columns of their definition."""
    printer = printer_of(body, definitions)
    return with_ages_hidden(thaw(represented(freeze(body), wanted, now_ns, printer)))


def printer_of(body, definitions):
    """The printer of a custom kind; None for the others."""
    group, _, version = body.get("apiVersion", "").rpartition("/")
    kind = body.get("kind", "").removesuffix("List")
    for definition in definitions:
        if (definition["spec"]["group"], definition["spec"]["names"]["kind"]) == (group, kind):
            return custom_printer(definition, version)
    return None


def shown_events(events, wanted, now_ns):
    """The events of a watch in a form."""
    watch = WatchRepresentation(wanted)
    for event in events:
        obj = thaw(watch.represented(freeze(event["object"]), now_ns))
        yield {"type": event["type"], "object": with_ages_hidden(obj)}


def with_ages_hidden(table):
    """Cells that hold an age, as the recorded ones are."""
    columns = [column["name"] for column in table.get("columnDefinitions") or ()]
    for row in table.get("rows") or ():
        row["cells"] = [
            "<age>" if column in AGES and AGE.fullmatch(str(cell)) else cell
            for column, cell in zip(columns, row["cells"], strict=True)
        ]
    return table
