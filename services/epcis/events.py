"""`/epcis/v2/events`: queries in the address, and one event by its id.

Source: EPCIS 2.0 section 12.7, epcis.md Q1, P1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from schemas.epcis.stored import JSON_MEDIA, XML_MEDIA
from schemas.errors import NotFound
from services.epcis.answers import events_answer
from services.epcis.described import EVENT_PARAMETERS
from services.epcis.faults import QueryTooLarge, UriTooLong
from services.epcis.genealogy import links_of, templates_of
from services.epcis.paging import Place, Tokens, next_headers, paged
from services.epcis.parameters import prefixes_of, query_of_address
from services.epcis.query import SIMPLE, Query, count, key_of, run
from services.epcis.versions import EpcisRoute, media_of
from services.principal import scoped
from services.waiting import WaitIndex

router = APIRouter(prefix="/epcis/v2", tags=["EPCIS"], dependencies=[WaitIndex], route_class=EpcisRoute)
DEMO_EVENT: Final = "urn:uuid:019e8028-8640-7f8b-b80b-05b3c2d53689"
"""The first event of the demo plant, for examples."""
Read = Callable[[list[tuple[str, str]]], Query]


def read_address(request: Request, pairs: list[tuple[str, str]]) -> Query:
    """The query that an address's parameters say. Errors: `BadParameter`, `QueryTooComplex`."""
    values = request.app.state.house.settings.epcis_values
    return query_of_address(pairs, prefixes_of(request.headers.get("gs1-extensions")), values)


def check_length(request: Request) -> None:
    """Errors: `UriTooLong`."""
    most = request.app.state.house.settings.epcis_address
    path = request.scope.get("raw_path") or request.url.path.encode()
    length = len(path) + len(request.scope.get("query_string", b""))
    if length > most:
        raise UriTooLong(f"the address has {length} bytes, at most {most} are read: keep the query under a name")


async def walk(request: Request, read: Read, name: str = SIMPLE) -> Response:
    """One page of a query: the first pins the moment, the next ones are asked for by token.

    Errors: `BadParameter`, `QueryTooLarge`, `QueryTooComplex`, `UriTooLong`, `NotAcceptable`.
    """
    house: Any = request.app.state.house
    check_length(request)
    media_of(request, (*JSON_MEDIA, *XML_MEDIA))
    page = paged(request, house.settings.epcis_page)
    tokens = Tokens(house.epcis, house.settings.epcis_token_seconds)
    if page.token is not None:
        place = await tokens.read(request, page.token, house.clock())
    else:
        query = read(page.others)
        place = Place(query, await house.index.watermark_us(), None, query.count_limit)
        await _check_size(house, place)
    size = page.size if place.left is None else min(page.size, place.left)
    limits = {"base": house.settings.base, "seconds": house.settings.epcis_seconds}
    found = await run(house.index, place.query, place.after, place.known_us, size + 1, **limits)
    left = None if place.left is None else place.left - size
    door = templates_of(request)
    if len(found) <= size or left == 0:
        return await events_answer(request, found[:size], name=name, headers=door)
    after = await key_of(house.index, place.query, found[size - 1])
    token, expires = await tokens.make(request, Place(place.query, place.known_us, after, left), house.clock())
    headers = {**door, **next_headers(request, token, expires)}
    return await events_answer(request, found[:size], name=name, headers=headers, token=token)


async def _check_size(house: Any, place: Place) -> None:
    most = place.query.most
    if most is None:
        return
    limits = {"base": house.settings.base, "seconds": house.settings.epcis_seconds}
    if await count(house.index, place.query, place.known_us, most, **limits) > most:
        raise QueryTooLarge(f"over {most} events meet the query, more than maxEventCount allows")


@router.get(
    "/events",
    summary="Events that meet a query",
    dependencies=[scoped("query")],
    response_class=Response,
    openapi_extra={"parameters": EVENT_PARAMETERS},
)
async def events(request: Request) -> Response:
    """An `EPCISQueryDocument` of the events, originals and declarations both, that meet every parameter. Values of a
    list are alternatives, separated by `|`. The first page pins the moment: a walk gives each event of that moment
    once. The next page is in `Link`; the last has none."""
    return await walk(request, lambda pairs: read_address(request, pairs))


@router.get("/events/{event_id:path}", summary="One event", dependencies=[scoped("query")], response_class=Response)
async def event(
    request: Request,
    event_id: Annotated[str, Path(max_length=2048, description="eventID, percent-encoded", examples=[DEMO_EVENT])],
) -> Response:
    """The event, then its declarations, as an `EPCISQueryDocument`. A hash ID may keep its bare `?`. `Link` leads to
    the impact and the provenance of what it names."""
    house: Any = request.app.state.house
    media_of(request, (*JSON_MEDIA, *XML_MEDIA))
    if event_id.startswith("ni:") and request.url.query.startswith("ver="):
        event_id += f"?{request.url.query}"
    found = await house.index.event(event_id, await house.index.watermark_us())
    if not found:
        raise NotFound(f"no event has the eventID {event_id[:200]}")
    return await events_answer(request, found, headers=links_of(request, "event", event_id))
