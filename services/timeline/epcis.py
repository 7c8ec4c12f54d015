"""The reading half of the EPCIS 2.0 REST binding that is there so far: events by record time, and one by its id.

Source: EPCIS 2.0 section 12, epcis.md Q1, P1 to P4, D4.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from projections.index.read_events import IndexedEvent, Key
from schemas.epcis.document import StoredEvent, query_document
from schemas.errors import BadInput, NotFound
from schemas.times import utc_text
from services.principal import scoped
from services.timeline.parameters import packed, unpacked
from services.waiting import WaitIndex

if TYPE_CHECKING:
    from projections.index.store import EventIndex

router = APIRouter(prefix="/epcis/v2", tags=["EPCIS"], dependencies=[WaitIndex])
PER_PAGE: Final = 30
MOST_PAGE: Final = 1000
TOKEN_SECONDS: Final = 3600
HEADERS: Final = {"GS1-EPCIS-Version": "2.0.0", "GS1-CBV-Version": "2.0.0", "GS1-Extensions": ""}
DEMO_EVENT: Final = "urn:uuid:019e8028-8640-7f8b-b80b-05b3c2d53689"
"""The first event of the demo plant, for examples."""
_PARAMETERS: Final = frozenset({"perPage", "nextPageToken"})


@router.get("/events", summary="Events as recorded", dependencies=[scoped("query")], response_class=Response)
async def events(
    request: Request,
    per_page: Annotated[int, Query(alias="perPage", ge=1, description="events a page, cut at 1000")] = PER_PAGE,
    token: Annotated[str | None, Query(alias="nextPageToken", max_length=4096, description="from `Link`")] = None,
) -> Response:
    """An `EPCISQueryDocument`, originals and declarations both, by recordTime. The first page pins the moment: a walk
    gives each event of that moment once. The next page is in `Link`; the last has none."""
    house: Any = request.app.state.house
    index: EventIndex = house.index
    for name, value in request.query_params.items():
        if name not in _PARAMETERS or len(request.query_params.getlist(name)) > 1:
            raise BadInput.field(name, value, "perPage and nextPageToken are known here, each once")
    known_us, after = (await index.watermark_us(), None) if token is None else _place(token)
    size = min(per_page, MOST_PAGE)
    page = await index.events_page(after, size + 1, known_us)
    headers = dict(HEADERS)
    if len(page) > size:
        last, expires = page[size - 1], int(time.time()) + TOKEN_SECONDS
        following = packed((known_us, last.record_us, last.facts.event_id, last.content.hex(), expires))
        headers["Link"] = f'<{request.url.path}?perPage={per_page}&nextPageToken={following}>; rel="next"'
        headers["GS1-Next-Page-Token-Expires"] = utc_text(expires * 1_000_000)
    return await _document(index, page[:size], headers)


@router.get("/events/{event_id:path}", summary="One event", dependencies=[scoped("query")], response_class=Response)
async def event(
    request: Request,
    event_id: Annotated[str, Path(max_length=2048, description="eventID, percent-encoded", examples=[DEMO_EVENT])],
) -> Response:
    """The event, then its declarations, as an `EPCISQueryDocument`."""
    index: EventIndex = request.app.state.house.index
    found = await index.event(event_id, await index.watermark_us())
    if not found:
        raise NotFound(f"no event has the eventID {event_id[:200]}")
    return await _document(index, found, dict(HEADERS))


async def _document(index: EventIndex, page: Sequence[IndexedEvent], headers: dict[str, str]) -> Response:
    received = await index.raw_of(page)
    stored = [
        StoredEvent(
            received[one.row].body,
            None if (context := received[one.row].context) is None else context.encode(),
            one.facts.event_id,
            utc_text(one.record_us),
        )
        for one in page
    ]
    created = utc_text(time.time_ns() // 1_000_000 * 1000)
    return Response(query_document(stored, created=created), media_type="application/ld+json", headers=headers)


def _place(token: str) -> tuple[int, Key]:
    """The pinned moment and the last key of a page token. Errors: `BadInput`, also when it has expired."""
    match unpacked(token, "nextPageToken"):
        case [int(known_us), int(record_us), str(event_id), str(content), int(expires)] if expires >= time.time():
            try:
                return known_us, (record_us, event_id, bytes.fromhex(content))
            except ValueError:
                pass
    raise BadInput.field("nextPageToken", token, "ask for the first page again")
