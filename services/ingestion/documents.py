"""EPCIS documents to units of capture, and capture jobs as EPCIS shows them.

Source: EPCIS 2.0 section 12.6.2, epcis.md C1-C12.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from projections.index.read_events import Job
from schemas.epcis.envelope import VocabularyElement
from schemas.epcis.reader import Document, ReceivedEvent
from schemas.epcis.stored import faults
from schemas.errors import FieldError
from schemas.identifiers import identify
from schemas.requests import refused
from schemas.sentences import say
from schemas.times import utc_text
from schemas.units import plain
from services.ingestion.capture import Mode
from services.ingestion.oddities import oddities
from services.ingestion.verdicts import Entry
from services.problems import NotAcceptable


def units_of(document: Document, mode: Mode, media_type: str, base: str | None) -> list[list[Entry]]:
    """All events as one unit under `rollback`, each as its own under `proceed`.

    Errors: under `rollback`, `BadInput` with every fault of every event and its place (epcis.md C2).
    """
    entries = [_entry(event, media_type, base) for event in document.events]
    found = [fault for entry in entries for fault in entry.faults]
    if mode == "proceed":
        return [[entry] for entry in entries]
    if found:
        raise refused(found)
    return [entries] if entries else []


def unit_of(event: ReceivedEvent, media_type: str, base: str | None) -> list[list[Entry]]:
    """One event as one unit. Errors: `BadInput` with every fault and its place."""
    entry = _entry(event, media_type, base)
    if entry.faults:
        raise refused(entry.faults)
    return [[entry]]


def _entry(event: ReceivedEvent, media_type: str, base: str | None) -> Entry:
    found = tuple(faults(event))
    return Entry(event, media_type, found, () if found else tuple(oddities(event, base)))


def master_entries(elements: Iterable[VocabularyElement], base: str | None) -> list[dict[str, Any]]:
    """Header master data as the log keeps it: canonical `id`, `given` as sent, attributes by their ids."""
    return [
        {
            "id": identify(one.id, base).key,
            "given": one.id,
            "type": one.type,
            "attributes": {name: plainly(value) for name, value in one.attributes},
            "children": [identify(child, base).key for child in one.children],
        }
        for one in elements
    ]


def plainly(value: Any) -> Any:
    """Decoded JSON with its decimals, and integers beyond 64 bits, as text, so that no digit is lost."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return str(value)
    if isinstance(value, dict):
        return {name: plainly(one) for name, one in value.items()}
    return [plainly(one) for one in value] if isinstance(value, list) else value


def mode_of(header: str | None) -> Mode:
    """`GS1-Capture-Error-Behaviour`; absent is rollback. Errors: `NotAcceptable`."""
    if header in (None, "rollback"):
        return "rollback"
    if header == "proceed":
        return "proceed"
    fix = "write rollback or proceed"
    fault = FieldError("GS1-Capture-Error-Behaviour", header[:200], fix)
    raise NotAcceptable(say("GS1-Capture-Error-Behaviour: {fix}", fix=fix), errors=[fault])


def job_view(
    capture: str,
    body: Mapping[str, Any],
    created_us: int,
    finished_us: int,
    late: Sequence[tuple[int, str, tuple[int, int] | None]] = (),
) -> dict[str, Any]:
    """A finished job: EPCIS's `CaptureJob`, with the verdict on each event and the warnings.

    `late` are conflicts that only the log's order revealed, by place among the captured (trace.md L2): they change
    the outcome of that event alone.
    """
    events = [dict(one) for one in body.get("outcomes", ())]
    warnings = list(body.get("warnings", ()))
    captured = [one for one in events if one["outcome"] == "captured"]
    for place, event_id, standing in late:
        if place < len(captured):
            captured[place]["outcome"] = "conflict"
            told = (
                "an unknown place"
                if standing is None
                else say("offset {offset} of partition {partition}", offset=standing[1], partition=standing[0])
            )
            detail = say("the event of this eventID that another writer recorded at {what} stands", what=told)
            warnings.append({"index": captured[place]["index"], "eventID": event_id, "detail": detail})
    return {
        "captureID": capture,
        "createdAt": utc_text(created_us),
        "finishedAt": utc_text(finished_us),
        "running": False,
        "success": body.get("success", True),
        "captureErrorBehaviour": body.get("mode", "rollback"),
        "errors": list(body.get("errors", ())),
        "events": events,
        "warnings": warnings,
    }


def view_of(job: Job) -> dict[str, Any]:
    """A job that the event index has; of one that was voided nothing is captured."""
    body = {**job.body, "success": False, "errors": [_CUT_SHORT]} if job.kind == "void" else job.body
    return job_view(job.capture, body, job.received_us, job.record_us, job.late)


_CUT_SHORT: Final = {
    "type": "epcisException:ImplementationException",
    "title": "The capture was cut short",
    "status": 500,
    "detail": "the service ended before the capture was closed; nothing of it is captured: send it again",
    "errors": [],
}


def standard_part(view: Mapping[str, Any]) -> dict[str, Any]:
    """A job as the standard has it, without what we add: the verdict on each event, and warnings."""
    return {name: value for name, value in view.items() if name not in ("events", "warnings")}
