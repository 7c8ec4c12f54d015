"""`/api/v1/refused`: calls that were refused, as kept, and sending them again (api.md)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from projections.index.refused import RefusedCall
from schemas.epcis.context import EPCIS_CONTEXT
from schemas.errors import BadInput, StemmaError
from schemas.times import utc_text
from services.ingestion.activities import Naming
from services.ingestion.activity_routes import answer_activities
from services.ingestion.answers import RefusedList, RefusedRead
from services.ingestion.calls import JSON_MEDIA, LINES_MEDIA, caller_of, ingestion_of, media_of, refuse
from services.ingestion.capture import Caller
from services.ingestion.described import RESUBMIT_BODY
from services.ingestion.epcis_routes import capture_document
from services.ingestion.refused import TAKEN, Kept, Refusal
from services.ingestion.register_routes import record_names, record_own
from services.principal import Capturer

router = APIRouter(prefix="/api/v1/refused", tags=["refused calls"])
_SHOWN: Final = 20_000
"""Characters of a body that a list shows."""


@router.get("", summary="Refused calls")
async def refused(
    request: Request,
    principal: Capturer,
    reason: Annotated[str | None, Query(max_length=100, description="`bad input`, `conflict` …")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="calls a page")] = 100,
    after: Annotated[str | None, Query(max_length=200, description="`next` of the page before")] = None,
) -> RefusedList:
    """Newest first: the caller's own, with the scope `admin` all. What was captured is never here, and what is here
    was never captured as it is."""
    calls, caller = ingestion_of(request).refused, caller_of(request, principal)
    found = await calls.page(caller, reason, None if after is None else _place(after), limit + 1)
    shown = [await _shown(request, one) for one in found[:limit]]
    return RefusedList(refused=shown, next=_token(found[limit - 1]) if len(found) > limit else None)


async def _shown(request: Request, call: RefusedCall) -> RefusedRead:
    calls = ingestion_of(request).refused
    body = await calls.body_of(call)
    return RefusedRead(
        id=call.id,
        received=utc_text(call.received_us),
        source=call.source,
        actor=call.actor,
        call=call.call,
        reason=call.reason,
        status=call.status,
        detail=call.body["detail"],
        errors=call.body["errors"],
        media_type=call.body["media_type"],
        body=body.decode("utf-8", "replace")[:_SHOWN],
        resubmits=call.resubmits,
        resubmitted=[
            {"id": one.id, "at": utc_text(one.received_us), "taken": one.reason == TAKEN, "detail": one.body["detail"]}
            for one in await calls.followers(call.id)
        ],
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
    if body:
        media_of(request, (*JSON_MEDIA, *LINES_MEDIA))
    request.state.again = kept
    sender = replace(caller, key=kept.call.source, source=str(kept.call.body["capture_source"]))
    response = await _again(request, kept, body or kept.body, sender)
    if response.status_code < 300:
        detail = f"sent again by {caller.actor}: {response.status_code}"
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


def _token(call: RefusedCall) -> str:
    return base64.urlsafe_b64encode(f"{call.received_us}.{call.id}".encode()).decode().rstrip("=")


def _place(token: str) -> tuple[int, str]:
    try:
        us, _, call_id = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().partition(".")
        return int(us), call_id
    except ValueError:
        raise BadInput.field("after", token, "send `next` as it was received") from None
