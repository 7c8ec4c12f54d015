"""Exploring a genealogy: one step from an object, and questions kept for links (api.md)."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from fastapi.params import Path

from projections.trace.question import Direction
from schemas.questions import QuestionRequest
from services.answers import json_response
from services.languages import language_of
from services.principal import Principal, require, scoped
from services.recall.asking import Recall
from services.recall.routes import SESAME, recall_of, simple_question
from services.recall.shapes import QuestionKept, QuestionRead, Trace
from services.waiting import WaitBoth

router: Final = APIRouter(prefix="/api/v1", tags=["recall"], dependencies=[scoped("trace")])
_Recall = Annotated[Recall, Depends(recall_of)]
_Time = Annotated[str | None, Query(max_length=100)]
_THOUSAND: Final = {
    "a question to link to": {
        "summary": "Keep the recall of the demo plant's bad sesame lot",
        "value": {"seeds": [{"object": SESAME}]},
    }
}


@router.get("/neighbours", summary="One step forward or backward", dependencies=[WaitBoth],
            responses={200: {"model": Trace}}, response_class=Response)  # fmt: skip
async def neighbours_of(
    request: Request,
    recall: _Recall,
    text: Annotated[
        str,
        Query(alias="object", min_length=1, max_length=2048, description="spelling or number", examples=[SESAME]),
    ],
    direction: Annotated[Literal["forward", "backward"], Query()] = "forward",
    known_at: _Time = None,
    happened_by: _Time = None,
    limit: Annotated[int, Query(ge=1, le=10_000, description="objects a page")] = 100,
    after: Annotated[str | None, Query(max_length=4096)] = None,
) -> Response:
    """The object and what is one step from it: through one process, into one assembly, or from a lot to its items.

    Shaped as an impact or provenance answer; totals are those of this one step."""
    asked = simple_question([text], known_at, happened_by, limit, after)
    way: Direction = direction
    question = await recall.read(asked, way)
    shown: dict[str, Any] = asked.model_dump(by_alias=True, exclude_none=True)
    return json_response(await recall.answer(question, shown, language_of(request), one_step=True))


@router.post("/questions", summary="Keep a question for links", status_code=201,
             responses={201: {"model": QuestionKept}}, response_class=Response)  # fmt: skip
async def keep_question(
    question: Annotated[QuestionRequest, Body(openapi_examples=_THOUSAND)],
    recall: _Recall,
    principal: Annotated[Principal, Depends(require("trace"))],
) -> Response:
    """Gives the question an id, the digest of its canonical form: the same question has the same id. Ask it with
    `GET /api/v1/impact?question=…` or `GET /api/v1/provenance?question=…`."""
    question_id = await recall.house.questions.keep(question, principal.actor)
    response = json_response({"id": question_id}, 201)
    response.headers["location"] = f"/api/v1/questions/{question_id}"
    return response


@router.get("/questions/{question_id}", summary="A kept question", responses={200: {"model": QuestionRead}},
            response_class=Response)  # fmt: skip
async def kept_question(recall: _Recall, question_id: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]) -> Response:
    """The question as it was kept, in its canonical form."""
    question = await recall.house.questions.get(question_id)
    return json_response({"id": question_id, "question": question.model_dump(by_alias=True, exclude_none=True)})
