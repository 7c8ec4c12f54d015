"""`POST /api/v1/activities`: the shop floor in short calls (api.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from schemas.epcis.stored import JSON_MEDIA
from schemas.errors import Busy, StemmaError
from services.ingestion.activities import Naming
from services.ingestion.answers import VerdictRead, answer, problem, refusal_of
from services.ingestion.calls import (
    LINES_MEDIA,
    caller_of,
    idempotency_key,
    ingestion_of,
    media_of,
    position_header,
    refusal,
    refuse,
)
from services.ingestion.capture import Caller
from services.ingestion.described import ACTIVITIES_BODY
from services.ingestion.refused import Refusal
from services.ingestion.service import Answered
from services.principal import Capturer

router = APIRouter(prefix="/api/v1", tags=["activities"])
_STATUS: Final = {"captured": 201, "duplicate": 200}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": VerdictRead | list[VerdictRead], "description": "A duplicate, a dry run, or a list's verdicts"},
    201: {"model": VerdictRead, "description": "Captured"},
    409: {"description": "The id is known with other content; the answer has both events"},
    422: {"description": "Refused: `errors` names field, value and fix; `refused` is its id as kept"},
}


@router.post(
    "/activities", status_code=201, summary="Record activities", response_class=Response, responses=_ANSWERS,
    openapi_extra=ACTIVITIES_BODY,
)  # fmt: skip
async def activities(
    request: Request,
    principal: Capturer,
    dry: Annotated[bool, Query(description="answer what would be captured, and capture nothing")] = False,
) -> Response:
    """One activity, a list of them, or NDJSON. Each becomes one EPCIS event (a correction one and those that stand
    instead). One alone is answered 201, 200 for a duplicate, 409 in conflict, 422 if refused; a list 200 with a
    verdict each. With an `id`, or the header `Idempotency-Key`, sending it again changes nothing."""
    media = media_of(request, (*JSON_MEDIA, *LINES_MEDIA))
    caller, body = caller_of(request, principal), await request.body()
    try:
        naming = Naming(idempotency_key(request), caller.received_us)
        answered = await ingestion_of(request).activities(body, caller, naming, lines=media in LINES_MEDIA, dry=dry)
    except StemmaError as fault:
        return await refuse(request, fault, body, caller)
    return await answer_activities(request, answered, caller, dry=dry)


async def answer_activities(
    request: Request,
    answered: Answered,
    caller: Caller,
    *,
    dry: bool = False,
    first: int = 0,
    resubmits: str | None = None,
) -> Response:
    """The verdicts as an answer; what was refused or in conflict is kept, each entry by itself."""
    if answered.alone and (fault := answered.units[0].fault) is not None and fault.status in (403, 413):
        raise fault
    if not dry:
        await _keep(request, answered, caller, first, resubmits)
    headers = {} if dry else await position_header(request)
    if not answered.alone:
        return answer(answered.verdicts, 200, headers)
    verdict = answered.verdicts[0]
    if verdict["outcome"] in _STATUS:
        return answer(verdict, 200 if dry else _STATUS[verdict["outcome"]], headers)
    more = {name: value for name, value in verdict.items() if name != "errors"}
    return problem(request, refusal_of(verdict), headers, **more)


async def _keep(request: Request, answered: Answered, caller: Caller, first: int, resubmits: str | None) -> None:
    bad = [n for n, one in enumerate(answered.verdicts) if one["outcome"] in ("refused", "conflict")]
    if not bad:
        return
    lost = [_lost(request, answered, n, first, resubmits) for n in bad]
    try:
        kept: Sequence[str] = await ingestion_of(request).refused.keep(lost, caller)
    except Busy:
        if answered.captured.position is None:
            raise
        # What was captured must be answered; the caller still has what was refused.
        kept = [""] * len(bad)
    for n, call_id in zip(bad, kept, strict=True):
        answered.verdicts[n]["refused"] = call_id


def _lost(request: Request, answered: Answered, n: int, first: int, resubmits: str | None) -> Refusal:
    verdict, sent = answered.verdicts[n], answered.units[n].sent
    told = refusal(
        request,
        refusal_of(verdict),
        sent.raw,
        index=first + sent.index,
        event_id=verdict["eventID"],
        resubmits=resubmits,
    )
    return Refusal(**{**vars(told), "media_type": "application/json", "call": "POST /api/v1/activities"})
