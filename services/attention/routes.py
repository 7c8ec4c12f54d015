"""`GET /api/v1/attention`: what needs attention now, as far as the caller may see it."""

from __future__ import annotations

from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Query, Request
from pydantic import Field

from schemas.errors import StemmaError
from schemas.times import utc_text
from services.attention.finders import WATCHES
from services.attention.finding import Asked, Need, NeedKind, Severity
from services.languages import in_words, language_of
from services.principal import Anyone
from services.shapes import Shape

router = APIRouter(prefix="/api/v1", tags=["attention"])
_HOUR_US: Final = 3_600_000_000
_ORDER: Final[dict[Severity, int]] = {"critical": 0, "warning": 1, "info": 2}
_log = structlog.get_logger("stemma.attention")


class NeedRead(Shape):
    """Something that needs attention."""

    kind: NeedKind = Field(description="what it is")
    severity: Severity = Field(description="`critical`: answers may be wrong or missing until it is mended")
    count: int = Field(description="how many there are")
    since: str | None = Field(description="when the first came, RFC 3339 in UTC; null where there is no such time")
    last: str | None = Field(description="when the last came")
    look: str = Field(description="path of the call that lists them")
    about: str | None = Field(description="more in words, where needed")


class AttentionRead(Shape):
    """What needs attention now, the worst first."""

    now: str = Field(description="when it was looked, RFC 3339 in UTC")
    late: str = Field(description="from when on conflicts, failed inspections and corrections are counted")
    needs: list[NeedRead] = Field(description="empty when all is well")
    unknown: list[str] = Field(description="what could not be looked at, and why")


@router.get("/attention", summary="What needs attention now?")
async def attention(
    request: Request,
    principal: Anyone,
    hours: Annotated[int, Query(ge=1, le=24 * 366, description="how long ago `of late` begins")] = 24,
) -> AttentionRead:
    """Health and lag, events that could not be projected, refused calls that nobody sent again; of late: conflicts,
    failed inspections, corrections; records that no seal covers, a check that found them altered, a backup that is
    missing or old. Only what the caller has the right to see."""
    house: Any = request.app.state.house
    now_us = house.clock()
    asked = Asked(house, request.app.state.jobs, principal, now_us - hours * _HOUR_US)
    needs, unknown, language = list[Need](), list[str](), language_of(request)
    for watch in WATCHES:
        if not principal.may(*watch.rights):
            continue
        try:
            needs += await watch.find(asked)
        except StemmaError as fault:
            # What keeps one finder from looking must not hide what the others find.
            _log.warning("cannot look", reason=fault.detail)
            unknown.append(fault.detail)
    needs.sort(key=lambda one: _ORDER[one.severity])
    return AttentionRead(
        now=utc_text(now_us),
        late=utc_text(asked.late_us),
        needs=[_read(one, language) for one in needs],
        unknown=[in_words(one, language) for one in dict.fromkeys(unknown)],
    )


def _read(one: Need, language: str) -> NeedRead:
    return NeedRead(
        kind=one.kind, severity=one.severity, count=one.count,
        since=None if one.since_us is None else utc_text(one.since_us),
        last=None if one.last_us is None else utc_text(one.last_us), look=one.look,
        about=None if one.about is None else in_words(one.about, language),
    )  # fmt: skip
