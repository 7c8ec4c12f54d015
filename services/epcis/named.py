"""`/epcis/v2/queries`: queries kept under a name. Source: EPCIS 2.0 section 12.9, epcis.md N1 to N3."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from schemas.epcis.jsontext import JsonText, text_of
from schemas.epcis.stored import JSON_MEDIA
from schemas.errors import BadInput
from schemas.units import plain
from services.epcis.answers import json_answer
from services.epcis.events import walk
from services.epcis.faults import BadParameter, BadQuery
from services.epcis.paging import Place, Tokens, next_headers, paged
from services.epcis.parameters import bound_by, prefixes_of, query_of_json
from services.epcis.query import Query
from services.epcis.store import NamedQuery
from services.epcis.versions import HEADERS, EpcisRoute, media_of
from services.principal import Principal, require, scoped
from services.problems import UnsupportedMedia
from services.waiting import WaitIndex

router = APIRouter(prefix="/epcis/v2", tags=["EPCIS"], route_class=EpcisRoute)
_DEPTH: Final = 16
_LONGEST_NAME: Final = 200
_WHOLE: Final = 1 << 53
"""Whole numbers from here on are not the same to every reader of JSON (RFC 8259 section 6)."""
_EXAMPLE: Final = {"name": "receipts", "query": {"eventType": ["ObjectEvent"], "EQ_bizStep": ["receiving"]}}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}, "example": _EXAMPLE}},
    }
}
QueryName = Annotated[str, Path(max_length=2048, description="name of the query", examples=["receipts"])]
Asker = Annotated[Principal, Depends(require("query"))]


@router.post("/queries", status_code=201, summary="Keep a query", response_class=Response, openapi_extra=_BODY)
async def keep(request: Request, principal: Asker) -> Response:
    """A query under a name, for `/queries/{name}/events` and subscriptions. It never changes; delete it to give the
    name another."""
    house: Any = request.app.state.house
    check_json(request)
    media_of(request)
    told = json_body(await request.body())
    name, query = _definition(told, request)
    await house.epcis.add(NamedQuery(name, _plain(told), query, house.clock(), principal.actor))
    return Response(None, 201, {**HEADERS, "Location": f"/epcis/v2/queries/{quote(name, safe='')}"})


def check_json(request: Request) -> None:
    """Errors: `UnsupportedMedia` for a body that does not come as JSON."""
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media not in JSON_MEDIA:
        raise UnsupportedMedia(f"{media or 'no content type'} is not read here: send application/json")


def json_body(body: bytes, fault: type[BadInput] = BadQuery) -> Any:
    """A JSON body, numbers with every digit. Errors: `fault` for malformed JSON."""
    try:
        source = JsonText(text_of(body), depth=_DEPTH)
        value, end = source.value(source.start(), "", 0)
        source.finish(end)
    except BadInput as bad:
        raise fault(bad.detail, errors=bad.errors) from None
    return value


def _definition(told: Any, request: Request) -> tuple[str, Query]:
    if not isinstance(told, dict):
        raise BadQuery.field("/", "", "send an object with name and query")
    for member in told:
        if member not in ("name", "query", "@context"):
            raise BadQuery.field(member, member, "a query is sent as name and query")
    name = told.get("name")
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME or not name.isprintable() or "/" in name:
        raise BadQuery.field("name", repr(name), f"1 to {_LONGEST_NAME} printable characters without / are expected")
    if name in (".", ".."):
        raise BadQuery.field("name", name, "no address ends so (RFC 3986 section 5.2.4): choose another name")
    if "query" not in told:
        raise BadQuery.field("query", "", "send the query's parameters")
    prefixes = bound_by(told.get("@context"), prefixes_of(request.headers.get("gs1-extensions")), "@context")
    return name, query_of_json(told["query"], prefixes, request.app.state.house.settings.epcis_values)


def _plain(value: Any) -> Any:
    """The definition as it can be written again: numbers as JSON numbers, those that would lose digits as text."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    if isinstance(value, int):
        return value if abs(value) < _WHOLE else str(value)
    return float(value) if Decimal(repr(float(value))) == value else plain(value)


@router.get("/queries", summary="Named queries", dependencies=[scoped("query")], response_class=Response)
async def queries(request: Request) -> Response:
    """All named queries with their definitions, by name."""
    house: Any = request.app.state.house
    media_of(request)
    page = paged(request, house.settings.epcis_page)
    if page.others:
        raise BadParameter.field(page.others[0][0], page.others[0][1], "perPage and nextPageToken are known here")
    tokens = Tokens(house.epcis, house.settings.epcis_token_seconds)
    if page.token is not None:
        place = await tokens.read(request, page.token, house.clock())
    else:
        place = Place(Query(), house.clock(), ("",))
    found = await house.epcis.page(str((place.after or ("",))[0]), page.size + 1, place.known_us)
    headers: dict[str, str] = {}
    if len(found) > page.size:
        following = Place(Query(), place.known_us, (found[page.size - 1].name,))
        headers = next_headers(request, *await tokens.make(request, following, house.clock()))
    return json_answer([one.definition for one in found[: page.size]], headers=headers)


@router.get(
    "/queries/{name}/events", summary="Events that meet a named query",
    dependencies=[scoped("query"), WaitIndex], response_class=Response,
)  # fmt: skip
async def events(request: Request, name: QueryName) -> Response:
    """The same as `/events` with the query's parameters; the name stands as `queryName`."""
    kept = await request.app.state.house.epcis.named(name)

    def read(pairs: list[tuple[str, str]]) -> Query:
        if pairs:
            raise BadParameter.field(*pairs[0], "a named query takes no further parameters")
        query: Query = kept.query
        return query

    return await walk(request, read, name)


@router.get("/queries/{name}", summary="A named query", dependencies=[scoped("query")], response_class=Response)
async def query(request: Request, name: QueryName) -> Response:
    """Its definition as it was sent."""
    media_of(request)
    return json_answer((await request.app.state.house.epcis.named(name)).definition)


@router.delete(
    "/queries/{name}", status_code=204, summary="Forget a named query",
    dependencies=[scoped("query")], response_class=Response,
)  # fmt: skip
async def forget(request: Request, name: QueryName) -> Response:
    """Its subscriptions and sockets end with it."""
    await request.app.state.house.subscriptions.end_query(name)
    return Response(None, 204)


@router.delete(
    "/nextPageToken/{token}", status_code=204, summary="Forget a page token",
    dependencies=[scoped("query")], response_class=Response,
)  # fmt: skip
async def forget_token(
    request: Request,
    token: Annotated[str, Path(max_length=8192, description="from `Link`", examples=["eJyLjgUAARUAuQ"])],
) -> Response:
    """A walk that is done early: the token is not honoured again."""
    house: Any = request.app.state.house
    await Tokens(house.epcis, house.settings.epcis_token_seconds).delete(request, token, house.clock())
    return Response(None, 204)
