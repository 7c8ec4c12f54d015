"""The top-level resources: event types, business steps, dispositions, objects, places, and the events of each.

Source: EPCIS 2.0 section 12.8, epcis.md D3, Q2.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from schemas.epcis.stored import JSON_MEDIA, XML_MEDIA
from schemas.epcis.vocabulary import BIZ_STEPS, DISPOSITION, DISPOSITIONS, EVENT_TYPES, STEP
from schemas.epcis.xml.answers import write_collection
from schemas.errors import NotFound
from schemas.identifiers import identify
from services.epcis.answers import collection, json_answer
from services.epcis.events import check_length, read_address, walk
from services.epcis.faults import BadParameter
from services.epcis.genealogy import links_of
from services.epcis.paging import Place, Tokens, next_headers, paged
from services.epcis.query import Query, run
from services.epcis.versions import HEADERS, EpcisRoute, media_of
from services.principal import scoped
from services.waiting import WaitIndex

router = APIRouter(prefix="/epcis/v2", tags=["EPCIS"], dependencies=[WaitIndex], route_class=EpcisRoute)
RESOURCES: Final = (
    *("capture", "events", "eventTypes", "bizSteps", "bizLocations", "readPoints", "dispositions", "epcs", "queries"),
)
_TYPE_URI: Final = "https://ref.gs1.org/epcis/"


@dataclass(frozen=True, slots=True)
class Resource:
    """One of the six: what the index calls its values, the standard's own, and the parameter that asks for one."""

    name: str
    kind: str
    parameter: str
    standard: frozenset[str]
    of: str
    example: str


KINDS: Final = (
    Resource("eventTypes", "type", "eventType", EVENT_TYPES, "event types", "ObjectEvent"),
    Resource("bizSteps", "step", "EQ_bizStep", BIZ_STEPS, "business steps", "receiving"),
    Resource("dispositions", "disposition", "EQ_disposition", DISPOSITIONS, "dispositions", "in_transit"),
    Resource(
        "epcs", "object", "MATCH_object", frozenset(), "objects", "https://id.gs1.org/00/095210010000000017"
    ),
    Resource(
        "bizLocations", "location", "EQ_bizLocation", frozenset(), "business locations",
        "https://id.gs1.org/414/9521001000024",
    ),
    Resource(
        "readPoints", "read_point", "EQ_readPoint", frozenset(), "read points", "https://id.gs1.org/414/9521001000017"
    ),
)  # fmt: skip


def value_of(resource: Resource, text: str, base: str | None) -> str:
    """The canonical form of a value in any spelling."""
    if resource.kind == "type":
        return text.removeprefix(_TYPE_URI)
    if resource.kind == "step":
        return STEP.word(text, {})
    if resource.kind == "disposition":
        return DISPOSITION.word(text, {})
    return text if resource.kind == "object" else identify(text, base).key


def query_of(resource: Resource, value: str) -> Query:
    """All events with the value."""
    return Query(((resource.parameter, (value,)),))


async def check_known(house: Any, resource: Resource, text: str) -> str:
    """The canonical value. Errors: `NotFound` for one neither of the standard nor seen."""
    value = value_of(resource, text, house.settings.base)
    if value not in resource.standard:
        watermark = await house.index.watermark_us()
        query = query_of(resource, value)
        if not await run(house.index, query, None, watermark, 1, base=house.settings.base):
            unknown = f"is none of the {resource.of} of the standard, and" if resource.standard else "is unknown:"
            raise NotFound(f"{text[:200]} {unknown} no event has it")
    return value


@router.get("", summary="What there is", response_class=Response, dependencies=[scoped()])
@router.get("/", include_in_schema=False, response_class=Response, dependencies=[scoped()])
async def top(request: Request) -> Response:
    """The top-level resources of this repository."""
    media = media_of(request, (*JSON_MEDIA, *XML_MEDIA))
    if media in XML_MEDIA:
        return Response(write_collection(RESOURCES), media_type=media, headers=HEADERS)
    return json_answer(collection(RESOURCES))


async def _members(request: Request, resource: Resource) -> Response:
    """A page of the values: those of the standard and those seen, by code point."""
    house: Any = request.app.state.house
    check_length(request)
    media_of(request)
    page = paged(request, house.settings.epcis_page)
    tokens = Tokens(house.epcis, house.settings.epcis_token_seconds)
    if page.others:
        raise BadParameter.field(page.others[0][0], page.others[0][1], "perPage and nextPageToken are known here")
    if page.token is not None:
        place = await tokens.read(request, page.token, house.clock())
    else:
        place = Place(Query(), await house.index.watermark_us(), ("",))
    after = str((place.after or ("",))[0])
    found = await _values(house, resource, after, page.size + 1, place.known_us)
    headers: dict[str, str] = {}
    if len(found) > page.size:
        following = Place(Query(), place.known_us, (found[page.size - 1],))
        headers = next_headers(request, *await tokens.make(request, following, house.clock()))
    return json_answer(collection(found[: page.size]), headers=headers)


async def _values(house: Any, resource: Resource, after: str, limit: int, known_us: int) -> list[str]:
    if resource.kind == "object":
        return list(await house.index.named_objects(after, limit, known_us))
    seen = await house.index.vocabulary(resource.kind, after, limit)
    return sorted({*seen, *(one for one in resource.standard if one > after)})[:limit]


Handler = Callable[..., Awaitable[Response]]


def _list_route(resource: Resource) -> Handler:
    async def values(request: Request) -> Response:
        return await _members(request, resource)

    return values


def _value_route(resource: Resource) -> Handler:
    async def value(request: Request, value: str) -> Response:
        media_of(request)
        known = await check_known(request.app.state.house, resource, value)
        door = links_of(request, "object", known) if resource.kind == "object" else {}
        return json_answer(collection(["events"]), headers=door)

    return value


def _events_route(resource: Resource) -> Handler:
    async def events(request: Request, value: str) -> Response:
        known = await check_known(request.app.state.house, resource, value)

        def read(pairs: list[tuple[str, str]]) -> Query:
            taken = ("MATCH_anyEPC",) if resource.kind == "object" else (resource.parameter,)
            for name, text in pairs:
                if name in taken:
                    raise BadParameter.field(name, text, "the path says this already")
            told = read_address(request, pairs)
            return Query(tuple(sorted((*told.parameters, (resource.parameter, (known,))))))

        return await walk(request, read)

    return events


def _add(resource: Resource) -> None:
    answers: dict[str, Any] = {"dependencies": [scoped("query")], "response_class": Response}
    path = f"/{resource.name}"
    router.get(path, summary=f"All {resource.of}", **answers)(_list_route(resource))
    routes = ((f"{path}/{{value:path}}/events", _events_route), (f"{path}/{{value:path}}", _value_route))
    for (template, make), summary in zip(routes, ("Events of one", "One"), strict=True):
        handler = make(resource)
        described = Path(max_length=2048, description="in any spelling, percent-encoded", examples=[resource.example])
        handler.__annotations__["value"] = Annotated[str, described]
        router.get(template, summary=f"{summary} of the {resource.of}", **answers)(handler)


for _resource in KINDS:
    _add(_resource)
