"""`GET /api/v1/timeline` and its live stream."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import Response, StreamingResponse

from projections.index.read_events import IndexedEvent
from projections.index.timeline import TimelineQuery
from projections.trace.question import RULES
from schemas.epcis.vocabulary import type_word
from schemas.times import utc_text
from services.accounts.exports import exports
from services.languages import language_of
from services.principal import scoped
from services.recall.streams import begun
from services.timeline import buckets
from services.timeline.answers import Timeline
from services.timeline.around import Around, watermark_us
from services.timeline.entries import entries_of, keys_of
from services.timeline.files import CSV, NDJSON, all_pages, csv_rows, ndjson_rows
from services.timeline.parameters import MOST_PAGE, Filters, Lane, after_of, asked, filters, packed, refuse_strangers
from services.timeline.stream import cursor_of, lines
from services.waiting import WaitBoth

if TYPE_CHECKING:
    from projections.index.store import EventIndex

router = APIRouter(tags=["timeline"])
MOST_LANES: Final = 50
MOST_MEASUREMENTS: Final = 10_000
Asked = Annotated[Filters, Depends(filters)]


@router.get(
    "/api/v1/timeline",
    summary="What happened, in the order of events",
    responses={200: {"model": Timeline, "content": {CSV: {}, NDJSON: {}}}},
    dependencies=[scoped("query"), exports(CSV, NDJSON), WaitBoth],
    response_class=Response,
)
async def timeline(
    request: Request,
    told: Asked,
    order: Annotated[Literal["asc", "desc"], Query(description="by eventTime")] = "asc",
    limit: Annotated[int, Query(ge=1, le=MOST_PAGE, description="events a page")] = 100,
    after: Annotated[str | None, Query(max_length=4096, description="`next` of the page before")] = None,
    bucket: Annotated[str | None, Query(max_length=10, description="counts per interval: auto, 5m, 1h, 1d, 1w")] = None,
    zone: Annotated[str, Query(max_length=64, description="IANA time zone of intervals and of files' times")] = "UTC",
    lanes: Annotated[Lane | None, Query(description="the page's events side by side, at most 50 lanes")] = None,
    sensor: Annotated[str | None, Query(max_length=1000, description="measurements of a type, as Temperature")] = None,
) -> Response:
    """Events in force, and withdrawn ones with what corrected them. Every filter may be repeated (any of its values),
    `not_` before it excludes. The same question with the `known_at` of `basis` gives the same answer for ever.
    `Accept: text/csv` or `application/x-ndjson` gives all that matches, whatever `limit`."""
    refuse_strangers(request, "order", "limit", "after", "bucket", "zone", "lanes", "sensor")
    house: Any = request.app.state.house
    index: EventIndex = house.index
    around = around_of(request)
    moment, key = (None, None) if after is None else after_of(after)
    latest = watermark_us(house) if moment is None else min(moment, watermark_us(house))
    query = replace(await asked(index, told, latest, house.settings.base), descending=order == "desc")
    query, concerned = await around.concerning(query)
    for media, rows_of in ((CSV, csv_rows), (NDJSON, ndjson_rows)):
        if media in request.headers.get("accept", ""):
            rows = rows_of(await begun(all_pages(index, query, concerned.by_way)), buckets.zone_of(zone))
            return StreamingResponse(rows, media_type=f"{media}; charset=utf-8")
    page = await index.timeline(query, key, limit + 1)
    flags = await around.flags(query, page[:limit], language_of(request))
    entries = await entries_of(index, page[:limit], query.known_us, concerned.by_way, flags)
    side_by_side, cut = await _lanes(around, query, lanes, entries)
    measured = await _measured(index, query, sensor)
    answer = {
        "basis": await basis(house, query.known_us),
        "events": entries,
        "next": _next(query, page[limit - 1]) if len(page) > limit else None,
        "names": await index.names(keys_of(entries), language_of(request), query.known_us),
        "buckets": await _buckets(index, query, bucket, zone),
        "lanes": side_by_side,
        "measurements": None if measured is None else measured[:MOST_MEASUREMENTS],
        "capped": concerned.capped or cut or len(measured or ()) > MOST_MEASUREMENTS,
    }
    return Response(orjson.dumps(answer), media_type="application/json")


@router.get(
    "/api/v1/timeline/stream",
    summary="The same, live, as server-sent events",
    responses={200: {"content": {"text/event-stream": {}}}},
    dependencies=[scoped("query", live=True), WaitBoth],
    response_class=Response,
)
async def stream(
    request: Request,
    told: Asked,
    last_event_id: Annotated[
        str | None, Header(max_length=4096, description="resume after this id, without gap or double")
    ] = None,
) -> StreamingResponse:
    """Events as they are recorded, named `event` or `correction`; ids are positions. Without `Last-Event-ID` it begins
    after `known_at`, so that a page and the stream after its basis have each event once; without that, from now."""
    refuse_strangers(request)
    house: Any = request.app.state.house
    index: EventIndex = house.index
    query = await asked(index, told, watermark_us(house), house.settings.base)
    if last_event_id:
        cursor = cursor_of(last_event_id, len((await index.checkpoint()).partitions))
    else:
        cursor = await index.place_at(query.known_us)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    told_lines = lines(house, around_of(request), query, cursor, language_of(request))
    return StreamingResponse(told_lines, media_type="text/event-stream", headers=headers)


async def basis(house: Any, known_us: int) -> dict[str, Any]:
    """What an answer of the index rests on (trace.md section 8)."""
    lag = await house.runner.lag()
    return {
        "position": (await house.position()).token(),
        "known_at": utc_text(known_us),
        "rules": RULES,
        "lag_events": lag.events,
        "lag_seconds": round(lag.seconds, 3),
        "not_projected": len(await house.index.poison()),
    }


def around_of(request: Request) -> Around:
    """The one asker of this application, made at its first question."""
    state = request.app.state
    if not hasattr(state, "around"):
        state.around = Around(state.house)
    around: Around = state.around
    return around


def _next(query: TimelineQuery, last: IndexedEvent) -> str:
    time = last.facts.event_time
    return packed((query.known_us, time.us, time.sub, last.record_us, last.facts.event_id))


async def _buckets(index: EventIndex, query: TimelineQuery, bucket: str | None, zone: str) -> list[Any] | None:
    if bucket is None:
        return None
    place = buckets.zone_of(zone)
    step = buckets.step_us(bucket, await index.span(query) if bucket == "auto" else None)
    return buckets.folded(await index.counts(query, buckets.bin_us(step)), step, place)


async def _lanes(
    around: Around, query: TimelineQuery, lane: Lane | None, entries: list[dict[str, Any]]
) -> tuple[list[Any] | None, bool]:
    if lane is None:
        return None, False
    if lane == "object":
        return await around.lanes(query, entries, MOST_LANES)
    return buckets.lanes_of(entries, lane, MOST_LANES)


async def _measured(index: EventIndex, query: TimelineQuery, sensor: str | None) -> list[dict[str, Any]] | None:
    if sensor is None:
        return None
    rows = await index.measured(query, type_word(sensor), MOST_MEASUREMENTS + 1)
    return [
        {
            "time": utc_text(row.time_us),
            "event": row.event_id,
            "value": row.value if row.value is not None else row.mean,
            "min": row.minimum,
            "max": row.maximum,
            "unit": row.unit,
        }
        for row in rows
    ]
