"""`/epcis/v2/capture`: EPCIS documents in, as jobs. Source: EPCIS 2.0 section 12.6.2, epcis.md C1-C12."""

from __future__ import annotations

from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from schemas.epcis.stored import JSON_MEDIA, XML_MEDIA
from schemas.epcis.xml.answers import write_job
from schemas.errors import BadInput, Busy, Conflict, StemmaError, told_by
from services.epcis import versions
from services.epcis.described import PAGING
from services.epcis.faults import BadParameter
from services.epcis.paging import Place, Tokens, next_headers, paged
from services.epcis.query import Query
from services.epcis.versions import EpcisRoute
from services.ingestion.answers import answer
from services.ingestion.calls import (
    caller_of,
    ingestion_of,
    media_of,
    position_header,
    refusal,
    refuse,
)
from services.ingestion.capture import Caller, Captured
from services.ingestion.described import CAPTURE_BODY, JOB_EXAMPLE
from services.ingestion.documents import mode_of, standard_part
from services.ingestion.jobs import LATEST
from services.ingestion.refused import Refusal
from services.ingestion.verdicts import Outcome, Verdict
from services.principal import RecordReader, WholeCapturer
from services.problems import UnreadableField

router = APIRouter(prefix="/epcis/v2", tags=["EPCIS"], route_class=EpcisRoute)
GS1_HEADERS: Final = {"GS1-EPCIS-Version": "2.0.0", "GS1-CBV-Version": "2.0.0", "GS1-Extensions": ""}
_log = structlog.get_logger("stemma.capture")
_JOB: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"application/json": {"example": JOB_EXAMPLE}}}}
_LIST: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"application/json": {"example": [JOB_EXAMPLE]}}}}


@router.post(
    "/capture",
    status_code=202,
    summary="Capture an EPCIS document",
    response_class=Response,
    openapi_extra=CAPTURE_BODY,
)
async def capture(request: Request, principal: WholeCapturer) -> Response:
    """An `EPCISDocument`, `EPCISQueryDocument` or `EPCISMasterDataDocument` in JSON or XML. Under `rollback` (default)
    all of it or nothing, under `proceed` each good event; the job at `Location` has the verdict on each event. It is
    durable when answered; `Stemma-Position` says where."""
    versions.media_of(request, (*JSON_MEDIA, *XML_MEDIA))
    media = media_of(request, (*JSON_MEDIA, *XML_MEDIA))
    caller, body = caller_of(request, principal), await request.body()
    return await capture_document(request, body, media, request.headers.get("gs1-capture-error-behaviour"), caller)


async def capture_document(
    request: Request, body: bytes, media: str, behaviour: str | None, caller: Caller, resubmits: str | None = None
) -> Response:
    """Capture a body and keep what is refused of it."""
    ingestion = ingestion_of(request)
    try:
        mode = mode_of(behaviour)
        captured = await ingestion.document(body, media, mode, caller)
    except StemmaError as fault:
        return await refuse(request, fault, body, caller, resubmits)
    lost = _lost(request, captured, body, media, resubmits, whole=mode == "rollback")
    if lost:
        await _keep(request, lost, caller, captured)
    location = f"/epcis/v2/capture/{captured.capture}"
    return Response(None, 202, {**GS1_HEADERS, "Location": location, **await position_header(request)})


async def _keep(request: Request, lost: list[Refusal], caller: Caller, captured: Captured) -> None:
    try:
        await ingestion_of(request).refused.keep(lost, caller)
    except Busy as fault:
        if not captured.job["count"]:
            raise
        # What was captured must be answered; the job still tells of the others.
        _log.warning("refused events of a document are not kept", reason=fault.detail)


def _lost(
    request: Request, captured: Captured, body: bytes, media: str, resubmits: str | None, *, whole: bool
) -> list[Refusal]:
    """What must not be lost though it was not captured: the whole body, or each event refused or in conflict."""
    bad = [(n, one) for n, one in enumerate(captured.flat) if not one.good and one.outcome is not Outcome.ROLLED_BACK]
    if whole:
        return [refusal(request, _fault(one), body, resubmits=resubmits) for _, one in bad[:1]]
    return [_event(request, n, one, captured, media, resubmits) for n, one in bad]


def _fault(verdict: Verdict) -> StemmaError:
    kind = Conflict if verdict.outcome is Outcome.CONFLICT else BadInput
    return kind(told_by(verdict.errors), errors=verdict.errors)


def _event(
    request: Request, n: int, verdict: Verdict, captured: Captured, media: str, resubmits: str | None
) -> Refusal:
    event = verdict.entry.event
    context = None if event.context is None else event.context.decode()
    fault = _fault(verdict)
    kind = fault if isinstance(fault, Conflict) else UnreadableField(fault.detail, errors=fault.errors)
    told = refusal(request, kind, event.raw, index=n, event_id=verdict.entry.event_id[:2048], resubmits=resubmits)
    return Refusal(**{**vars(told), "media_type": media, "context": context or "[]"})


@router.get(
    "/capture", summary="Capture jobs", response_class=Response, responses=_LIST, openapi_extra={"parameters": PAGING}
)
async def jobs(request: Request, principal: RecordReader) -> Response:
    """Newest first: the caller's own, with the right `audit` or `operate` all. The next page is in `Link`; the last
    has none."""
    house: Any = request.app.state.house
    page = paged(request, house.settings.epcis_page)
    if page.others:
        raise BadParameter.field(*page.others[0], "perPage and nextPageToken are known here")
    tokens = Tokens(house.epcis, house.settings.epcis_token_seconds)
    before = LATEST
    if page.token is not None:
        place = await tokens.read(request, page.token, house.clock())
        before = place.known_us, int((place.after or LATEST)[0])
    found, following = await ingestion_of(request).jobs.page(caller_of(request, principal), page.size, before)
    headers = dict(GS1_HEADERS)
    if following is not None:
        place = Place(Query(), following[0], (following[1],))
        headers |= next_headers(request, *await tokens.make(request, place, house.clock()))
    return answer([_shown(request, one) for one in found], headers=headers)


def _shown(request: Request, view: dict[str, Any]) -> dict[str, Any]:
    """A job as it is answered: under `STEMMA_EPCIS_STRICT` nothing beyond the standard."""
    house: Any = request.app.state.house
    return standard_part(view) if house.settings.epcis_strict else view


@router.get("/capture/{capture_id}", summary="A capture job", response_class=Response, responses=_JOB)
async def job(
    request: Request,
    principal: RecordReader,
    capture_id: Annotated[
        str, Path(max_length=200, description="from `Location`", examples=[JOB_EXAMPLE["captureID"]])
    ],
) -> Response:
    """The job with the verdict on each event: captured, duplicate, conflict, refused or rolled_back. 404 for a job
    that is not the caller's."""
    media = versions.media_of(request, (*JSON_MEDIA, *XML_MEDIA))
    view = _shown(request, await ingestion_of(request).jobs.view(capture_id, caller_of(request, principal)))
    headers = {**GS1_HEADERS, **await position_header(request)}
    if media in XML_MEDIA:
        return Response(write_job(view), media_type=media, headers=headers)
    return answer(view, headers=headers)
