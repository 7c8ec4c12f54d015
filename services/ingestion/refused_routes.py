"""`/api/v1/refused`: calls that were refused, as kept, and sending them again (api.md)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from projections.index.refused import TAKEN, RefusedCall
from schemas.epcis.context import EPCIS_CONTEXT
from schemas.epcis.stored import JSON_MEDIA, XML_MEDIA, syntax_of
from schemas.epcis.xml.answers import around_event
from schemas.errors import BadInput, StemmaError
from schemas.sentences import say
from schemas.times import utc_text
from services.ingestion.activities import Naming
from services.ingestion.activity_routes import answer_activities
from services.ingestion.answers import FieldFault, RefusedList, RefusedRead, Resubmission
from services.ingestion.calls import LINES_MEDIA, caller_of, ingestion_of, media_of, refuse
from services.ingestion.capture import Caller
from services.ingestion.described import RESUBMIT_BODY
from services.ingestion.epcis_routes import capture_document
from services.ingestion.refused import Kept, Refusal, detail_of, faults_of
from services.ingestion.register_routes import record_names, record_own
from services.ingestion.service import LateConflict
from services.languages import fault_in_words, in_words, language_of
from services.principal import Capturer, RecordReader, check_resubmitter

router = APIRouter(prefix="/api/v1/refused", tags=["refused calls"])
_CONFLICT: Final = "conflict"
_SHOWN: Final = 20_000
"""Characters of a body that a list shows."""


@router.get("", summary="Refused calls")
async def refused(
    request: Request,
    principal: RecordReader,
    reason: Annotated[str | None, Query(max_length=100, description="`bad input`, `conflict` …")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="calls a page")] = 100,
    after: Annotated[str | None, Query(max_length=200, description="`next` of the page before")] = None,
) -> RefusedList:
    """Newest first: the caller's own, with the right `audit` or `operate` all. Events that two writers recorded under
    one id stand here too, as conflicts, once the log's order has told which lost; their `detail` has both positions."""
    ingestion, caller = ingestion_of(request), caller_of(request, principal)
    before = None if after is None else _place(after)
    found = await ingestion.refused.page(caller, reason, before, limit + 1)
    late = [] if reason not in (None, _CONFLICT) else await ingestion.late_conflicts(caller)
    both: list[tuple[tuple[int, str], RefusedCall | LateConflict]] = [
        *(((one.received_us, one.id), one) for one in found),
        *((_late_key(one), one) for one in late if before is None or _late_key(one) < before),
    ]
    both.sort(key=lambda one: one[0], reverse=True)
    shown = [await _shown(request, one) for _, one in both[:limit]]
    return RefusedList(refused=shown, next=_token(both[limit - 1][0]) if len(both) > limit else None)


def _late_key(late: LateConflict) -> tuple[int, str]:
    partition, offset = late.loser.position
    return late.loser.received_us, f"late-{partition}-{offset}"


def _shown_late(late: LateConflict, language: str) -> RefusedRead:
    loser, standing = late.loser, late.standing
    received_us, late_id = _late_key(late)
    lost = {"event": loser.facts.event_id, "partition": loser.position[0], "offset": loser.position[1]}
    if standing is None:
        detail = say("{event} at offset {offset} of partition {partition}: another of this eventID stands", **lost)
    else:
        other = dict(zip(("in_partition", "at_offset"), standing.position, strict=True))
        detail = say(
            "{event} at offset {offset} of partition {partition}: "
            "the one at offset {at_offset} of partition {in_partition} of this eventID stands",
            **lost,
            **other,
        )
    fix = "give the new event its own id, or correct the earlier one"
    return RefusedRead(
        id=late_id,
        received=utc_text(received_us),
        source=loser.source,
        actor=loser.actor,
        call="POST /epcis/v2/capture",
        reason=_CONFLICT,
        status=409,
        detail=in_words(detail, language),
        errors=[FieldFault(field="eventID", value=loser.facts.event_id[:200], fix=in_words(fix, language))],
        media_type=late.raw.media_type,
        body=late.raw.body.decode("utf-8", "replace")[:_SHOWN],
        resubmits=None,
        resubmitted=[],
        attempts=1,
        superseded=False,
        answered=False,
    )


async def _shown(request: Request, call: RefusedCall | LateConflict) -> RefusedRead:
    if isinstance(call, LateConflict):
        return _shown_late(call, language_of(request))
    calls, language = ingestion_of(request).refused, language_of(request)
    body, chain = await calls.body_of(call), await calls.chain(call)
    refusals = [one for one in chain if one.reason != TAKEN]
    return RefusedRead(
        id=call.id,
        received=utc_text(call.received_us),
        source=call.source,
        actor=call.actor,
        call=call.call,
        reason=call.reason,
        status=call.status,
        detail=in_words(detail_of(call), language),
        errors=[FieldFault(**fault_in_words(one, language)) for one in faults_of(call)],
        media_type=call.body["media_type"],
        body=body.decode("utf-8", "replace")[:_SHOWN],
        resubmits=call.resubmits,
        resubmitted=[
            Resubmission(
                id=one.id,
                at=utc_text(one.received_us),
                taken=one.reason == TAKEN,
                detail=in_words(detail_of(one), language),
            )
            for one in chain
            if one.resubmits == call.id
        ],
        attempts=len(refusals),
        superseded=refusals[-1].id != call.id,
        answered=len(refusals) < len(chain),
    )


@router.post("/{call_id}/resubmit", summary="Send a refused call again", response_class=Response,
             openapi_extra=RESUBMIT_BODY)  # fmt: skip
async def resubmit(
    request: Request,
    principal: Capturer,
    call_id: Annotated[
        str, Path(max_length=100, description="its id", examples=["01985b0e-7c00-7000-8000-000000000001"])
    ],
) -> Response:
    """As it was, or with a corrected body; answered as the call itself would be. Its default `time` is the time of
    receipt of the first one, and its identity is the first one's. Both calls are linked."""
    caller, body = caller_of(request, principal), await request.body()
    ingestion = ingestion_of(request)
    kept = await ingestion.refused.get(call_id, caller)
    check_resubmitter(principal, kept.call.call)
    if body:
        media_of(request, (*JSON_MEDIA, *XML_MEDIA, *LINES_MEDIA))
    request.state.again = kept
    sender = replace(caller, key=kept.call.source, source=str(kept.call.body["capture_source"]))
    response = await _again(request, kept, body or kept.body, sender)
    if response.status_code < 300:
        detail = say("sent again by {actor}: {status_code}", actor=caller.actor, status_code=response.status_code)
        taken = Refusal(kept.call.call, TAKEN, response.status_code, detail, body, kept.media_type, resubmits=call_id)
        await ingestion.refused.keep([taken], sender)
    return response


async def _again(request: Request, kept: Kept, body: bytes, sender: Caller) -> Response:
    call = kept.call.call
    if call.endswith("/capture"):
        media = _media(request, kept)
        context = kept.call.body["context"]
        whole = body if context is None else _document(body, context, kept.call.received_us)
        behaviour = kept.headers.get("gs1-capture-error-behaviour")
        return await capture_document(request, whole, media, behaviour, sender, kept.call.id)
    if call.endswith("/names"):
        return await record_names(request, body, sender, kept.call.id)
    if call.endswith("/own"):
        return await record_own(request, body, sender, kept.call.id)
    return await _activities(request, kept, body, sender)


async def _activities(request: Request, kept: Kept, body: bytes, sender: Caller) -> Response:
    first = int(kept.call.body["index"])
    naming = Naming(_key(kept.headers), kept.call.received_us, first)
    lines = _media(request, kept) in LINES_MEDIA
    try:
        answered = await ingestion_of(request).activities(body, sender, naming, lines=lines)
    except StemmaError as fault:
        return await refuse(request, fault, body, sender, kept.call.id)
    return await answer_activities(request, answered, sender, first=first, resubmits=kept.call.id)


def _media(request: Request, kept: Kept) -> str:
    given = request.headers.get("content-type") or kept.media_type
    return given.partition(";")[0].strip().lower()


def _key(headers: Mapping[str, str]) -> str | None:
    return headers.get("idempotency-key")


def _document(body: bytes, context: str, received_us: int) -> bytes:
    """A single event of a document in one of its own; a body that is a document already, as it is."""
    if syntax_of(body) == "xml":
        return around_event(body, context.encode(), utc_text(received_us))
    if b'"epcisBody"' in body:
        return body
    head: dict[str, Any] = {
        "@context": orjson.Fragment(context if context != "[]" else orjson.dumps([EPCIS_CONTEXT])),
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": utc_text(received_us),
        "epcisBody": {"eventList": [orjson.Fragment(body)]},
    }
    return orjson.dumps(head)


def _token(key: tuple[int, str]) -> str:
    return base64.urlsafe_b64encode(f"{key[0]}.{key[1]}".encode()).decode().rstrip("=")


def _place(token: str) -> tuple[int, str]:
    try:
        us, _, call_id = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().partition(".")
        return int(us), call_id
    except ValueError:
        raise BadInput.field("after", token, "send `next` as it was received") from None
