"""XML answers: query documents of stored events, single events, capture jobs, problems, collections, all XSD-valid.

Source: EPCIS 2.0 sections 8.2.7, 9.5 and 12, its XSD, epcis.md C5, D3, E1, Q1, X3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemas.epcis.document import StoredEvent
from schemas.epcis.stored import read_stored
from schemas.epcis.xml import names
from schemas.epcis.xml.asis import as_received
from schemas.epcis.xml.text import attribute_of, text_of, time_of
from schemas.epcis.xml.writer import CbvFormat, EventWriter, Translate

_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_FIRST: Final = f' xmlns:xsi="{names.XSI}" xmlns:xsd="{names.XSD}"'
_STEMMA: Final = "urn:stemma:ns:1:"


def write_query_document(
    events: Sequence[StoredEvent],
    *,
    created: str,
    query_name: str = "SimpleEventQuery",
    subscription_id: str | None = None,
    cbv: CbvFormat | None = "web",
    translate: Translate | None = None,
) -> bytes:
    """An `EPCISQueryDocument` of the events in the order given, in whatever syntax each was captured.

    `created` is its creationDate, RFC 3339. `translate` gives identifiers in the format asked for, `cbv` spells CBV
    words; both None: XML of EPCIS 2.0 keeps its bytes.
    """
    written = "".join(event_element(event, cbv=cbv, translate=translate) for event in events)
    name = f"<queryName>{text_of(query_name)}</queryName>"
    if subscription_id is not None:
        name += f"<subscriptionID>{text_of(subscription_id)}</subscriptionID>"
    text = (
        f'{_DECLARATION}<epcisq:EPCISQueryDocument xmlns:epcisq="{names.QUERY}"{_FIRST}'
        f' schemaVersion="2.0" creationDate="{attribute_of(time_of(created))}"><EPCISBody><epcisq:QueryResults>{name}'
        f"<resultsBody><EventList>{written}</EventList></resultsBody>"
        "</epcisq:QueryResults></EPCISBody></epcisq:EPCISQueryDocument>"
    )
    return text.encode("utf-8")


def write_document(
    events: Sequence[StoredEvent], *, created: str, cbv: CbvFormat | None = "web", translate: Translate | None = None
) -> bytes:
    """An `EPCISDocument` of the events in the order given. Arguments: as `write_query_document`."""
    written = "".join(event_element(event, cbv=cbv, translate=translate) for event in events)
    text = (
        f'{_DECLARATION}<epcis:EPCISDocument xmlns:epcis="{names.EPCIS}"{_FIRST}'
        f' schemaVersion="2.0" creationDate="{attribute_of(time_of(created))}">'
        f"<EPCISBody><EventList>{written}</EventList></EPCISBody></epcis:EPCISDocument>"
    )
    return text.encode("utf-8")


def around_event(raw: bytes, context: bytes, created: str) -> bytes:
    """An event's own bytes in a document of their own, of the version that the event was sent in.

    `context` is what its ancestors bound, as the log has it; what is a document already stays as it is.
    """
    bound: dict[str, str] = json.loads(context) if context.startswith(b"{") else {}
    if b"EPCISBody" in raw or not raw.startswith(b"<"):
        return raw
    root = names.EPCIS_1 if names.EPCIS_1 in bound.values() else names.EPCIS
    version = "1.2" if root == names.EPCIS_1 else "2.0"
    prefix = next((one for one, uri in bound.items() if one and uri == root), "epcisdoc")
    told = "".join(
        f' xmlns{":" if one else ""}{one}="{attribute_of(uri)}"' for one, uri in {**bound, prefix: root}.items()
    )
    head = f'<{prefix}:EPCISDocument{told} schemaVersion="{version}" creationDate="{attribute_of(created)}">'
    end = f"</EventList></EPCISBody></{prefix}:EPCISDocument>"
    return f"{head}<EPCISBody><EventList>".encode() + raw + end.encode()


def write_event(event: StoredEvent, *, cbv: CbvFormat | None = "web", translate: Translate | None = None) -> bytes:
    """One event that stands alone, with the namespaces that it needs."""
    element = event_element(event, cbv=cbv, translate=translate)
    element = element.removeprefix("<extension>").removesuffix("</extension>")
    end = element.index(">")
    return f"{_DECLARATION}{element[:end]}{_FIRST}{element[end:]}".encode()


def event_element(event: StoredEvent, *, cbv: CbvFormat | None = "web", translate: Translate | None = None) -> str:
    """An event's element with `eventID` and this service's `recordTime`."""
    if cbv is None and translate is None:
        kept = as_received(event.raw, event.context, event.event_id, event.record_time)
        if kept is not None:
            return kept
    received = read_stored(event.raw, event.context)
    data: dict[str, Any] = {**received.data, "recordTime": event.record_time}
    data.setdefault("eventID", event.event_id)
    return EventWriter(received.namespaces, cbv=cbv or "web", translate=translate).write(data)


def write_collection(members: Sequence[str]) -> bytes:
    """A `Collection` († `<Collection><member>`: the standard gives it no XML)."""
    told = "".join(f"<member>{text_of(one)}</member>" for one in members)
    return f"{_DECLARATION}<Collection>{told}</Collection>".encode()


def write_problem(problem: Mapping[str, Any]) -> bytes:
    """An `epcis:EPCISException` of a problem as JSON has it, its `errors` in Stemma's namespace."""
    return (
        f'{_DECLARATION}<epcis:EPCISException xmlns:epcis="{names.EPCIS}" xmlns:stemma="{_STEMMA}">'
        f"{_problem(problem)}</epcis:EPCISException>"
    ).encode()


def write_job(job: Mapping[str, Any]) -> bytes:
    """An `epcis:EPCISCaptureJob` of a job as JSON has it; verdicts and warnings in Stemma's namespace."""
    flags = "".join(
        f' {name}="{_told(job.get(name, default))}"'
        for name, default in (("running", False), ("success", True), ("captureID", ""))
    )
    body = _element("captureErrorBehaviour", job.get("captureErrorBehaviour", "rollback"))
    for name in ("createdAt", "finishedAt"):
        if job.get(name):
            body += _element(name, time_of(str(job[name])))
    if job.get("errors"):
        body += "<errors>" + "".join(f"<error>{_problem(one)}</error>" for one in job["errors"]) + "</errors>"
    for name in ("events", "warnings"):
        for one in job.get(name) or ():
            body += _own(name.removesuffix("s"), one)
    return (
        f'{_DECLARATION}<epcis:EPCISCaptureJob xmlns:epcis="{names.EPCIS}" xmlns:stemma="{_STEMMA}"{flags}>'
        f"{body}</epcis:EPCISCaptureJob>"
    ).encode()


def _problem(problem: Mapping[str, Any]) -> str:
    told = _element("type", problem.get("type", "about:blank")) + _element("title", problem.get("title", "Error"))
    for name in ("status", "detail", "instance"):
        if problem.get(name) is not None:
            told += _element(name, problem[name])
    for name, value in problem.items():
        if name in ("type", "title", "status", "detail", "instance") or value is None:
            continue
        for one in value if isinstance(value, list) else [value]:
            told += _own("error" if name == "errors" else name, one)
    return told


def _own(name: str, value: Any) -> str:
    """A member that EPCIS does not know, in Stemma's namespace."""
    if not isinstance(value, Mapping):
        return f"<stemma:{name}>{text_of(_told(value))}</stemma:{name}>"
    inner = "".join(_own(member, one) for member, one in value.items() if one is not None)
    return f"<stemma:{name}>{inner}</stemma:{name}>"


def _element(name: str, value: Any) -> str:
    return f"<{name}>{text_of(_told(value))}</{name}>"


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return attribute_of(str(value)) if isinstance(value, Mapping) else str(value)
