"""`GET /api/v1/event`: one event with every record of it in the log, who recorded each, and if a seal covers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from events.port import FACTS
from projections.index.read_events import IndexedEvent
from projections.index.tables import State
from projections.index.timeline import TimelineQuery
from schemas.errors import NotFound
from schemas.sentences import say
from schemas.times import utc_text
from services.accounts.access_routes import names_of_actors
from services.answers import json_response
from services.epcis.events import DEMO_EVENT
from services.languages import language_of
from services.principal import scoped
from services.shapes import Basis, Shape
from services.timeline.answers import Entry
from services.timeline.entries import entries_of, keys_of
from services.timeline.parameters import known_us
from services.timeline.timeline import around_of, basis
from services.waiting import WaitBoth

if TYPE_CHECKING:
    from projections.index.store import EventIndex

router = APIRouter(prefix="/api/v1", tags=["timeline"], dependencies=[scoped("query"), WaitBoth])
_STATES: Final = {State.STANDING: "standing", State.DECLARATION: "correction", State.CONFLICT: "conflict"}


class LogRecord(Shape):
    """One record of the event in the log."""

    state: str = Field(description="`standing`, `correction` (an error declaration) or `conflict` (it lost to another)")
    partition: int = Field(description="partition of the log")
    offset: int = Field(description="offset in it")
    recorded: str = Field(description="recordTime")
    received: str = Field(description="time of receipt")
    actor: str = Field(description="who recorded it, as known")
    actor_name: str | None = Field(description="the actor's name, where it has one")
    source: str = Field(description="capturing source")
    device: str | None = Field(description="device that recorded it")
    capture: str = Field(description="capture job")
    content: str = Field(description="SHA-256 of its content, in hex")
    sealed: bool = Field(description="whether a seal covers it by now")


class EventRead(Shape):
    """One event, whole."""

    basis: Basis = Field(description="what the answer rests on")
    event: Entry = Field(description="as on the timeline")
    records: list[LogRecord] = Field(description="by recordTime, those that lost last")
    raw: str = Field(description="path of the bytes as received")
    names: dict[str, str] = Field(description="names of its keys, in the caller's language")


@router.get("/event", summary="One event, whole", responses={200: {"model": EventRead}}, response_class=Response)
async def one_event(
    request: Request,
    event_id: Annotated[str, Query(alias="id", max_length=2048, description="eventID", examples=[DEMO_EVENT])],
    known_at: Annotated[str | None, Query(max_length=100, description="RFC 3339 with an offset, included")] = None,
) -> Response:
    """With what corrected it and what it corrects, and every record of it: who recorded it when, where it stands in the
    log, and whether a seal covers it. 404 for one that was not known then."""
    house: Any = request.app.state.house
    index: EventIndex = house.index
    moment = known_us(known_at, await index.watermark_us())
    found = await index.event(event_id, moment)
    if not found:
        raise NotFound(say("no event has the eventID {event_id}", event_id=event_id[:200]))
    lost = [loser for loser, _ in await index.conflicts([event_id], moment)]
    flags = await around_of(request).flags(TimelineQuery(moment), found[:1], language_of(request))
    (entry,) = await entries_of(index, found[:1], moment, flags=flags)
    sealed = {} if house.sealer is None else house.sealer.reached()
    names = await names_of_actors(request)
    answer = {
        "basis": await basis(house, moment),
        "event": entry,
        "records": [_record(one, sealed, names) for one in (*found, *lost)],
        "raw": f"/api/v1/raw?{urlencode({'event': event_id})}",
        "names": await index.names(keys_of([entry]), language_of(request), moment),
    }
    return json_response(answer)


def _record(one: IndexedEvent, sealed: dict[tuple[str, int], int], names: dict[str, str]) -> dict[str, Any]:
    partition, offset = one.position
    return {
        "state": _STATES[one.state],
        "partition": partition,
        "offset": offset,
        "recorded": utc_text(one.record_us),
        "received": utc_text(one.received_us),
        "actor": one.actor,
        "actor_name": names.get(one.actor),
        "source": one.source,
        "device": one.device,
        "capture": one.capture,
        "content": one.content.hex(),
        "sealed": sealed.get((FACTS, partition), -1) >= offset,
    }
