"""`POST /epcis/v2/events`: one event in, answered once it is durable. Source: EPCIS 2.0 section 12.6.1, epcis.md C6."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from projections.index.read_events import IndexedEvent
from schemas.epcis.document import StoredEvent, single_event
from schemas.epcis.stored import JSON_MEDIA, XML_MEDIA
from schemas.epcis.xml.answers import write_event
from schemas.errors import BadInput, Conflict, StemmaError, Unavailable, told_by
from schemas.sentences import say
from schemas.times import utc_text
from services.epcis import versions
from services.epcis.versions import HEADERS, EpcisRoute
from services.ingestion.answers import problem
from services.ingestion.calls import (
    caller_of,
    ingestion_of,
    media_of,
    position_header,
    refuse,
)
from services.ingestion.described import EVENT_BODY
from services.ingestion.verdicts import Outcome, Verdict
from services.principal import WholeCapturer

router = APIRouter(prefix="/epcis/v2", tags=["EPCIS"], route_class=EpcisRoute)
_WAITS: Final = 40
_STEP_SECONDS: Final = 0.05


@router.post("/events", status_code=201, summary="Capture one event", response_class=Response, openapi_extra=EVENT_BODY)
async def capture_event(request: Request, principal: WholeCapturer) -> Response:
    """One event in JSON with its own `@context`, or one XML element. Durable when answered; the body is the event with
    its `eventID` and `recordTime`, in the syntax that `Accept` asks for, else as it was sent. A duplicate is 409 with
    `Stemma-Outcome: duplicate` and the `Location` of the event that stands: a retry has succeeded."""
    media = media_of(request, (*JSON_MEDIA, *XML_MEDIA))
    wanted = versions.media_of(request, (media, *JSON_MEDIA, *XML_MEDIA))
    caller, body = caller_of(request, principal), await request.body()
    try:
        captured = await ingestion_of(request).event(body, media, caller)
    except StemmaError as fault:
        return await refuse(request, fault, body, caller)
    verdict = captured.flat[0]
    location = {"Location": f"/epcis/v2/events/{quote(verdict.entry.event_id, safe='')}"}
    if verdict.outcome is Outcome.DUPLICATE:
        known = Conflict(
            say("{event_id} is captured already, with the same content: a duplicate", event_id=verdict.entry.event_id)
        )
        return problem(request, known, {**HEADERS, **location, "Stemma-Outcome": "duplicate"})
    if not verdict.good:
        return await refuse(request, _fault(verdict), body, caller)
    shown = await _recorded(request, verdict)
    headers = {**HEADERS, **location, **await position_header(request)}
    written = write_event(shown) if wanted in XML_MEDIA else single_event(shown)
    return Response(written, 201, headers, wanted)


def _fault(verdict: Verdict) -> StemmaError:
    kind = Conflict if verdict.outcome is Outcome.CONFLICT else BadInput
    detail = told_by(verdict.errors)
    return kind(
        say("conflict with the event that stands: {reason}", reason=detail) if kind is Conflict else detail,
        errors=verdict.errors,
    )


async def _recorded(request: Request, verdict: Verdict) -> StoredEvent:
    """The event with the recordTime that the log gave it. Errors: `Unavailable` if the index does not tell in 2 s."""
    house: Any = request.app.state.house
    entry = verdict.entry
    for _ in range(_WAITS):
        found: list[IndexedEvent] = await house.index.event(entry.event_id, await house.index.watermark_us())
        same = [one for one in found if one.content == entry.content]
        if same:
            record_time = utc_text(same[0].record_us)
            return StoredEvent(entry.event.raw, entry.event.context, entry.event_id, record_time)
        await asyncio.sleep(_STEP_SECONDS)
    raise Unavailable(
        say(
            "{event_id} is recorded, but the event index does not show it yet: ask for it again",
            event_id=entry.event_id,
        )
    )
