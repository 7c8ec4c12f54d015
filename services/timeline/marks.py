"""`GET /api/v1/timeline/marks`: what stands out over a stretch of time, to be drawn as lines and regions.

`MARKS` is the registry: whoever has something to mark adds a finder, and it is drawn, listed and counted with the rest.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_args

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from projections.index.marks import Gap, Striking
from projections.index.read_events import IndexedEvent
from projections.index.timeline import TimelineQuery
from schemas.times import utc_text
from services.answers import json_response
from services.principal import scoped
from services.shapes import Basis, Shape
from services.timeline.around import watermark_us
from services.timeline.buckets import length_us
from services.timeline.parameters import Filters, asked, filters, refuse_strangers
from services.timeline.timeline import around_of, basis
from services.waiting import WaitBoth

if TYPE_CHECKING:
    from projections.index.store import EventIndex

router = APIRouter(tags=["timeline"])
MOST: Final = 1000
"""Marks listed of each kind; their true number stands in `counts`."""
MarkKind = Literal["correction", "conflict", "failed_inspection", "gap"]
Json = dict[str, Any]
Found = tuple[int, list[Json]]
Finder = Callable[["EventIndex", TimelineQuery, int], Awaitable[Found]]


class Mark(Shape):
    """One mark."""

    kind: MarkKind = Field(description="what it marks")
    start: str = Field(alias="from", description="eventTime; of a gap, of the last event before it")
    end: str | None = Field(alias="to", description="end of a gap, null while it lasts; null of what is an instant")
    event: str | None = Field(description="eventID; of a correction, of the event corrected; null of a gap")
    recorded: str | None = Field(description="recordTime of the inspection, declaration or record that lost")
    actor: str | None = Field(description="who recorded it")
    source: str = Field(description="capturing source; of a gap, the one that recorded nothing")
    reason: str | None = Field(description="of a correction, why")


class Marks(Shape):
    """Marks by time."""

    basis: Basis = Field(description="what the answer rests on")
    marks: list[Mark] = Field(description="of each kind the first 1,000, by `from`")
    counts: dict[MarkKind, int] = Field(description="how many of each kind there are")
    capped: bool = Field(description="true when some are not listed")


async def _striking(kind: Striking, index: EventIndex, query: TimelineQuery, _: int) -> Found:
    total, events = await index.marked(kind, query, MOST)
    return total, [_told(kind, one) for one in events]


def _told(kind: Striking, one: IndexedEvent) -> Json:
    declaration = one.facts.declaration
    return {
        "kind": kind,
        "from": one.facts.event_time.text(),
        "to": None,
        "event": one.facts.event_id,
        "recorded": utc_text(one.record_us),
        "actor": one.actor,
        "source": one.source,
        "reason": declaration.reason if declaration else None,
    }


async def _gaps(index: EventIndex, query: TimelineQuery, least_us: int) -> Found:
    found = await index.gaps(query, least_us)
    return len(found), [_gap(one) for one in found[:MOST]]


def _gap(one: Gap) -> Json:
    until = None if one.until_us is None else utc_text(one.until_us)
    nothing = dict.fromkeys(("event", "recorded", "actor", "reason"))
    return {"kind": "gap", "from": utc_text(one.from_us), "to": until, "source": one.source, **nothing}


MARKS: Final[Mapping[MarkKind, Finder]] = {
    **{kind: partial(_striking, kind) for kind in get_args(Striking)},
    "gap": _gaps,
}


@router.get(
    "/api/v1/timeline/marks",
    summary="What stands out: corrections, conflicts, failed inspections, gaps in capture",
    responses={200: {"model": Marks}},
    dependencies=[scoped("query"), WaitBoth],
    response_class=Response,
)
async def marks(
    request: Request,
    told: Annotated[Filters, Depends(filters)],
    kind: Annotated[list[MarkKind], Query(max_length=10, description="any of them; all without")] = [],  # noqa: B006
    gap: Annotated[str, Query(max_length=10, description="shortest gap to be told, such as 8h or 1d")] = "1d",
) -> Response:
    """Under the filters of the timeline. A gap is a time in which a source that had recorded something recorded nothing
    that happened then; only `place`, `resource` and `operator` narrow gaps, since no object is captured all the time.
    Corrections stand at the time of the event corrected. Withdrawn inspections are not marked."""
    refuse_strangers(request, "kind", "gap", many=("kind",))
    house: Any = request.app.state.house
    query = await asked(house.index, told, watermark_us(house), house.settings.base)
    query, concerned = await around_of(request).concerning(query)
    least_us = length_us("gap", gap)
    chosen = [one for one in MARKS if not kind or one in kind]
    found = {one: await MARKS[one](house.index, query, least_us) for one in chosen}
    listed = [one for _, some in found.values() for one in some]
    counts = {one: total for one, (total, _) in found.items()}
    answer = {
        "basis": await basis(house, query.known_us),
        "marks": sorted(listed, key=lambda one: (one["from"], one["kind"], one["event"] or one["source"])),
        "counts": counts,
        "capped": concerned.capped or sum(counts.values()) > len(listed),
    }
    return json_response(answer)
