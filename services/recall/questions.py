"""Questions kept under the digest of their canonical form, so that a link can hold a thousand seeds (api.md).

A table of the workbench database, apart from projections, so that a rebuild leaves it. The same question has the same
id whoever asks it; the page wanted is not part of it.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import orjson
import sqlalchemy as sa

from schemas.errors import NotFound
from schemas.questions import QuestionRequest
from schemas.sentences import say
from services.clock import Clock
from services.workbench import Workbench

metadata: Final = sa.MetaData()
_questions: Final = sa.Table(
    "workbench_question",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("made_us", sa.BigInteger, nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
)


def canonical(question: QuestionRequest) -> bytes:
    """Seeds, limits and filter with sorted members, without what is not given and without the page."""
    given: dict[str, Any] = question.model_dump(by_alias=True, exclude_none=True, exclude={"limit", "after"})
    if "filter" in given:
        given["filter"] = {name: sorted(set(values)) for name, values in given["filter"].items() if values}
    return orjson.dumps({name: value for name, value in given.items() if value}, option=orjson.OPT_SORT_KEYS)


class QuestionStore:
    """The kept questions of one deployment. Errors of every method: `Unavailable`."""

    def __init__(self, workbench: Workbench, clock: Clock) -> None:
        self._workbench, self._clock = workbench, clock

    async def keep(self, question: QuestionRequest, by: str) -> str:
        """Its id: 64 hexadecimal digits of SHA-256."""
        body = canonical(question)
        found = hashlib.sha256(body).hexdigest()
        row = {"id": found, "body": body, "made_us": self._clock(), "made_by": by}
        await self._workbench.put(_questions, row)
        return found

    async def get(self, question_id: str) -> QuestionRequest:
        """Errors: `NotFound`."""
        asked = sa.select(_questions.c.body).where(_questions.c.id == question_id)
        rows = await self._workbench.rows(asked)
        if not rows:
            raise NotFound(
                say("no question is kept under {question_id}; POST it to /api/v1/questions", question_id=question_id)
            )
        return QuestionRequest.model_validate_json(rows[0]["body"])
