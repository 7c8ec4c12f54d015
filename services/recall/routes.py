"""Forward and backward recall over HTTP: impact, provenance, an object, a path (api.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from projections.trace.question import Direction, Question
from schemas.errors import BadInput, NotFound
from schemas.questions import MOST_SEEDS, PathRequest, QuestionRequest
from schemas.requests import field_errors, refused
from schemas.sentences import say
from schemas.times import utc_text
from services.accounts.access_routes import names_of_actors
from services.accounts.exports import exports
from services.answers import json_response
from services.languages import language_of
from services.principal import principal_of, scoped
from services.recall.asking import Recall
from services.recall.object_shapes import ObjectRead
from services.recall.objects import object_page
from services.recall.paths import path_answer
from services.recall.shapes import Path, Trace
from services.recall.streams import CSV, NDJSON, begun, csv_rows, ndjson
from services.recall.workbook import XLSX, Cover, workbook
from services.waiting import WaitBoth

router: Final = APIRouter(prefix="/api/v1", tags=["recall"], dependencies=[scoped("trace"), WaitBoth])
pages: Final = APIRouter(prefix="/api/v1", tags=["recall"], dependencies=[scoped("query"), WaitBoth])

SESAME: Final = "https://id.gs1.org/01/09521103000014/10/SESAME-0612"
_PACKS: Final = "https://id.gs1.org/01/09521001000048/10/P-0614-1"
_BAD_LOT: Final = {
    "bad supplier lot": {
        "summary": "What did the bad sesame lot of the demo plant go into?",
        "value": {"seeds": [{"object": SESAME}], "limit": 100},
    }
}
_SOLD_LOT: Final = {
    "packs that were sold": {
        "summary": "What is in the last packs that the demo plant recalls?",
        "value": {"seeds": [{"object": _PACKS}], "limit": 100},
    }
}
_WAY: Final = {
    "sesame to packs": {
        "summary": "By which way did the sesame come into these packs?",
        "value": {"question": {"seeds": [{"object": SESAME}]}, "to": _PACKS},
    }
}
_Forward = Annotated[QuestionRequest, Body(openapi_examples=_BAD_LOT)]
_Backward = Annotated[QuestionRequest, Body(openapi_examples=_SOLD_LOT)]
_Objects = Annotated[
    Sequence[str], Query(alias="object", max_length=1000, description="seeds; may repeat", examples=[[SESAME]])
]
_Kept = Annotated[
    str | None,
    Query(alias="question", pattern="^[0-9a-f]{64}$", description="id of a kept question"),
]
_Event = Annotated[
    str | None,
    Query(alias="event", max_length=2048, description="an eventID: what the event names are the seeds"),
]
_Time = Annotated[str | None, Query(max_length=100)]
_Exports = exports(CSV, NDJSON, XLSX)
_FILES: Final[dict[str, Any]] = {CSV: {}, NDJSON: {}, XLSX: {}}
_TRACED: Final[dict[int | str, dict[str, Any]]] = {200: {"model": Trace, "content": _FILES}}
_Limit = Annotated[int, Query(ge=1, le=10_000, description="objects a page")]


def recall_of(request: Request) -> Recall:
    """The house's one `Recall`, made when it is first asked."""
    state = request.app.state
    found: Recall | None = getattr(state, "recall", None)
    if found is None or found.house is not state.house:
        found = state.recall = Recall(state.house)
    return found


_Recall = Annotated[Recall, Depends(recall_of)]


@router.post("/impact", summary="What did this go into, and who has it?", dependencies=[_Exports], responses=_TRACED,
             response_class=Response)  # fmt: skip
async def impact(request: Request, question: _Forward, recall: _Recall) -> Response:
    """Forward trace: everything affected by the seeds, where it is, and who was sent it. `Accept: text/csv`,
    `application/x-ndjson` or Excel's type gives the whole list that `filter` lets through as a file."""
    return await _answered(request, recall, question, "forward")


@router.post("/provenance", summary="What is in this, and where did it come from?", dependencies=[_Exports],
             responses=_TRACED, response_class=Response)  # fmt: skip
async def provenance(request: Request, question: _Backward, recall: _Recall) -> Response:
    """Backward trace: everything that went into the seeds, with intervals, and what has no recorded origin."""
    return await _answered(request, recall, question, "backward")


@router.get("/impact", summary="Impact of objects, the simple case", dependencies=[_Exports], responses=_TRACED,
            response_class=Response)  # fmt: skip
async def impact_of(
    request: Request,
    recall: _Recall,
    objects: _Objects = (),
    kept: _Kept = None,
    event: _Event = None,
    known_at: _Time = None,
    happened_by: _Time = None,
    limit: _Limit = 100,
    after: Annotated[str | None, Query(max_length=4096)] = None,
) -> Response:
    """As `POST /api/v1/impact` with object seeds, what an event names, or a question kept by
    `POST /api/v1/questions`."""
    seeds = objects if event is None else await _named_by(recall, event, objects, kept)
    question = await _given(recall, seeds, kept, known_at, happened_by, limit, after)
    return await _answered(request, recall, question, "forward")


@router.get("/provenance", summary="Provenance of objects, the simple case", dependencies=[_Exports], responses=_TRACED,
            response_class=Response)  # fmt: skip
async def provenance_of(
    request: Request,
    recall: _Recall,
    objects: _Objects = (),
    kept: _Kept = None,
    event: _Event = None,
    known_at: _Time = None,
    happened_by: _Time = None,
    limit: _Limit = 100,
    after: Annotated[str | None, Query(max_length=4096)] = None,
) -> Response:
    """As `POST /api/v1/provenance` with object seeds, what an event names, or a question kept by
    `POST /api/v1/questions`."""
    seeds = objects if event is None else await _named_by(recall, event, objects, kept)
    question = await _given(recall, seeds, kept, known_at, happened_by, limit, after)
    return await _answered(request, recall, question, "backward")


@pages.get("/object", summary="One object: what it is, where it is, what is in it and what happened to it",
           responses={200: {"model": ObjectRead}}, response_class=Response)  # fmt: skip
async def one_object(
    request: Request,
    recall: _Recall,
    text: Annotated[
        str,
        Query(alias="id", min_length=1, max_length=2048, description="any spelling or short number", examples=[SESAME]),
    ],
    known_at: _Time = None,
    happened_by: _Time = None,
) -> Response:
    """Kind, product, lot, state, place, carriers, contents, parts, last events, documents and inspections."""
    question = await recall.read(simple_question([text], known_at, happened_by, 1, None), "forward")
    return json_response(await object_page(recall, question, text, language_of(request)))


@router.post("/path", summary="How did this get there?", responses={200: {"model": Path}}, response_class=Response)
async def path(
    request: Request, asked: Annotated[PathRequest, Body(openapi_examples=_WAY)], recall: _Recall
) -> Response:
    """A shortest and, if there is one, a certain path from the question's seeds to an object."""
    direction: Direction = "forward" if asked.direction == "forward" else "backward"
    question = await recall.read(asked.question, direction)
    return json_response(await path_answer(recall, question, asked.to))


async def _named_by(recall: Recall, event: str, objects: Sequence[str], kept: str | None) -> list[str]:
    """The objects that an event names. Errors: `BadInput` beside other seeds or for more than a question has,
    `NotFound`."""
    if objects or kept is not None:
        raise BadInput.field("event", event, "give `event` alone, without `object` and `question`")
    found = await recall.house.index.event(event, await recall.watermark_us())
    if not found:
        raise NotFound(say("no event has the eventID {event}", event=event[:200]))
    named = list(dict.fromkeys(mention.object for mention in found[0].facts.mentions))
    if not 0 < len(named) <= MOST_SEEDS:
        fix = say(
            "it names {count} objects, and a question has 1 to {most} seeds: ask for some of them",
            count=len(named),
            most=MOST_SEEDS,
        )
        raise BadInput.field("event", event, fix)
    return named


async def _given(
    recall: Recall,
    objects: Sequence[str],
    kept: str | None,
    known_at: str | None,
    happened_by: str | None,
    limit: int,
    after: str | None,
) -> QuestionRequest:
    """Errors: `BadInput` unless there are either objects or a kept question, `NotFound`."""
    if bool(objects) == (kept is not None):
        raise BadInput.field("object", ", ".join(objects), "give `object` at least once, or `question`, and not both")
    if kept is None:
        return simple_question(objects, known_at, happened_by, limit, after)
    question = await recall.house.questions.get(kept)
    times = {name: value for name, value in (("known_at", known_at), ("happened_by", happened_by)) if value is not None}
    return question.model_copy(update={"limit": limit, "after": after, **times})


def simple_question(
    objects: Sequence[str], known_at: str | None, happened_by: str | None, limit: int, after: str | None
) -> QuestionRequest:
    """A question of objects alone. Errors: `BadInput`."""
    given = {"known_at": known_at, "happened_by": happened_by, "limit": limit, "after": after}
    try:
        return QuestionRequest.model_validate({"seeds": [{"object": one} for one in objects], **given})
    except ValidationError as error:
        raise refused(field_errors(error)) from error


async def _answered(request: Request, recall: Recall, asked: QuestionRequest, direction: Direction) -> Response:
    question = await recall.read(asked, direction)
    wanted = request.headers.get("accept", "")
    for media_type, rows in ((NDJSON, ndjson), (CSV, csv_rows)):
        if media_type in wanted:
            headers = {"Stemma-Known-At": utc_text(question.known_us)}
            return StreamingResponse(rows(await begun(recall.stream(question))), media_type=media_type, headers=headers)
    shown: dict[str, Any] = asked.model_dump(by_alias=True, exclude_none=True)
    if XLSX in wanted:
        return await _workbook(request, recall, question, shown)
    return json_response(await recall.answer(question, shown, language_of(request)))


async def _workbook(request: Request, recall: Recall, question: Question, shown: dict[str, Any]) -> Response:
    """The whole list as an Excel file, with who took it and when."""
    house, language, actor = recall.house, language_of(request), principal_of(request).actor
    first = await recall.answer(replace(question, after=None, limit=1), shown, language)
    names = partial(house.index.names, lang=language, known_us=question.known_us)
    consignees = [one["party"] for one in first["consignees"]]
    first["names"] |= await names(consignees + [a["product"] for one in first["consignees"] for a in one["quantities"]])
    by = (await names_of_actors(request)).get(actor)
    cover = Cover(first, utc_text(house.clock()), actor if by is None else f"{by} ({actor})", language)
    rows = await begun(workbook(cover, recall.stream(question), names))
    name = {"forward": "impact", "backward": "provenance"}[question.direction]
    headers = {
        "Stemma-Known-At": utc_text(question.known_us),
        "content-disposition": f'attachment; filename="{name}.xlsx"',
    }
    return StreamingResponse(rows, media_type=XLSX, headers=headers)
