"""Looking things up: an event as received, conflicts, names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from projections.index.read_events import IndexedEvent
from projections.index.read_names import Master, NamedKind
from schemas.errors import NotFound
from schemas.sentences import say
from schemas.times import utc_text
from services.epcis.events import DEMO_EVENT
from services.principal import scoped
from services.shapes import Shape
from services.timeline.parameters import known_us, tolerant_key
from services.waiting import WaitIndex

if TYPE_CHECKING:
    from projections.index.store import EventIndex

router = APIRouter(tags=["timeline"], dependencies=[WaitIndex])
EventId = Annotated[str, Query(max_length=2048, description="eventID", examples=[DEMO_EVENT])]
Most = Annotated[int, Query(ge=1, le=1000)]
KnownAt = Annotated[str | None, Query(max_length=100, description="RFC 3339 with an offset, included")]


class RecordRead(Shape):
    """Where and when a record stands in the log, and who recorded it."""

    partition: int = Field(description="partition of the log")
    offset: int = Field(description="offset in it")
    recorded: str = Field(description="recordTime")
    capture: str = Field(description="capture job")
    actor: str = Field(description="who recorded it")
    source: str = Field(description="capturing source")
    content: str = Field(description="SHA-256 of its content, in hex")


class ConflictRead(Shape):
    """Two records of one eventID: the one that lost and the one that stands."""

    event: str = Field(description="eventID")
    lost: RecordRead = Field(description="kept, and in no query")
    stands: RecordRead | None = Field(description="the least (recordTime, content hash)")


class ConflictList(Shape):
    """Conflicts, newest first."""

    conflicts: list[ConflictRead] = Field(description="at most `limit`")


class NameRead(Shape):
    """Names and master data of a key: the newest entry, which replaced older ones whole."""

    id: str = Field(description="canonical key")
    type: str = Field(description="type of the EPCIS vocabulary it came in, empty for a name given here")
    kind: str = Field(description="item, lot, product, logistic_unit, asset, place, party, resource, operator, other")
    zh: str | None = Field(description="Chinese name")
    en: str | None = Field(description="English name")
    unit: str | None = Field(description="base unit, UN/CEFACT Rec. 20")
    contact: str | None = Field(description="whom to call")
    address: str | None = Field(description="where it is, as on a letter")
    own: bool | None = Field(description="one's own place or party")
    recorded: str = Field(description="recordTime")
    entry: dict[str, Any] = Field(description="all of it as recorded")


class NameList(Shape):
    """Names by key."""

    names: list[NameRead] = Field(description="in the order of keys")
    next: str | None = Field(description="`after` of the next page, null on the last")


@router.get(
    "/api/v1/raw", summary="An event exactly as received", dependencies=[scoped("query")], response_class=Response
)
async def raw(request: Request, event: EventId) -> Response:
    """The received bytes under their media type; the `@context` that it inherited is in `Stemma-Context`."""
    index: EventIndex = request.app.state.house.index
    found = await index.raw(event, await index.watermark_us())
    if found is None:
        raise NotFound(say("no event has the eventID {event}", event=event[:200]))
    headers = {"x-content-type-options": "nosniff", "content-disposition": "attachment"}
    if found.context is not None:
        headers["stemma-context"] = _ascii(found.context)
    return Response(found.body, media_type=found.media_type, headers=headers)


@router.get(
    "/api/v1/conflicts", summary="Records that lost to another of the same eventID", dependencies=[scoped("query")]
)
async def conflicts(
    request: Request,
    event: Annotated[list[str], Query(max_length=1000, description="eventIDs; the newest of all without")] = [],  # noqa: B006
    limit: Most = 100,
) -> ConflictList:
    """Same eventID, other content, found in the log all the same: two writers, or two partitions (trace.md L2)."""
    index: EventIndex = request.app.state.house.index
    found = await index.conflicts(event or None, await index.watermark_us(), limit)
    return ConflictList(
        conflicts=[
            ConflictRead(
                event=loser.facts.event_id, lost=_record(loser), stands=_record(standing) if standing else None
            )
            for loser, standing in found
        ]
    )


@router.get("/api/v1/names", summary="Names and master data", dependencies=[scoped("query")])
async def names(
    request: Request,
    id: Annotated[list[str], Query(max_length=1000, description="keys in any spelling; all without")] = [],  # noqa: A002, B006
    q: Annotated[str | None, Query(max_length=200, description="any part of a name, contact or key")] = None,
    kind: Annotated[NamedKind | None, Query(description="what they are of")] = None,
    known_at: KnownAt = None,
    limit: Annotated[int, Query(ge=1, le=10_000, description="names a page")] = 1000,
    after: Annotated[str | None, Query(max_length=2048, description="`next` of the page before")] = None,
) -> NameList:
    """The newest entry of each key as known then, by key."""
    house = request.app.state.house
    index: EventIndex = house.index
    moment, base = known_us(known_at, await index.watermark_us()), house.settings.base
    if id:
        keys = sorted({tolerant_key(one, base) for one in id})
        told = await index.masters(keys, moment)
        return NameList(names=[_name(told[key], base) for key in keys if key in told], next=None)
    found = await index.named(q, kind, after or "", limit + 1, moment)
    following = found[limit - 1].key if len(found) > limit else None
    return NameList(names=[_name(one, base) for one in found[:limit]], next=following)


def _record(one: IndexedEvent) -> RecordRead:
    partition, offset = one.position
    return RecordRead(
        partition=partition, offset=offset, recorded=utc_text(one.record_us), capture=one.capture, actor=one.actor,
        source=one.source, content=one.content.hex(),
    )  # fmt: skip


def _name(one: Master, base: str | None) -> NameRead:
    return NameRead(
        id=one.key, type=one.type, kind=one.kind(base), zh=one.zh, en=one.en, unit=one.unit, contact=one.contact,
        address=one.address, own=one.own,
        recorded=utc_text(one.record_us), entry=one.body,
    )  # fmt: skip


def _ascii(context: str) -> str:
    """JSON on one line, in ASCII, as a header can carry it."""
    try:
        return json.dumps(orjson.loads(context), separators=(",", ":"))
    except orjson.JSONDecodeError:
        return context.encode("ascii", "backslashreplace").decode().replace("\n", " ")
