"""`/epcis/v2/queries/{name}/subscriptions`, and WebSockets at `/epcis/v2/queries/{name}/events`.

Source: EPCIS 2.0 section 12.7, epcis.md S1, S2, S8.
"""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Request, WebSocket
from fastapi.responses import Response

from schemas.errors import BadInput
from schemas.times import utc_text
from services.epcis.answers import json_answer
from services.epcis.faults import BadParameter
from services.epcis.formats import format_of
from services.epcis.named import Asker, QueryName, check_json, json_body
from services.epcis.paging import Place, Tokens, next_headers, paged
from services.epcis.query import Query
from services.epcis.subscriptions.reading import check_query, read_address, read_body
from services.epcis.subscriptions.service import Subscriptions, sees_all
from services.epcis.subscriptions.shapes import STREAM, Subscription
from services.epcis.versions import EpcisRoute, check_versions, media_of

router = APIRouter(prefix="/epcis/v2", tags=["EPCIS"], route_class=EpcisRoute)
LEAST: Final = "GS1-Query-Min-Record-Time"
_EXAMPLE: Final = {
    "dest": "https://client.example.com/queryCallback",
    "signatureToken": "13df38d8275b13f05704629e5f1cf3d45d6132d5",
    "schedule": {"hour": "1", "minute": "5"},
}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}, "example": _EXAMPLE}},
    }
}
_SUBSCRIPTIONS: Final = "/queries/{name}/subscriptions"
_ONE: Final = _SUBSCRIPTIONS + "/{subscription_id}"
SubscriptionId = Annotated[
    str, Path(max_length=64, description="from `Location`", examples=["df5a33e3-5aa3-4403-ae01-99b83234e27b"])
]


def subscriptions_of(request: Request | WebSocket) -> Subscriptions:
    """The subscriptions of this service."""
    found: Subscriptions = request.app.state.house.subscriptions
    return found


def described(one: Subscription) -> dict[str, Any]:
    """A subscription as the standard shows it: never its token."""
    told: dict[str, Any] = {
        "subscriptionID": one.id,
        "queryName": one.query_name,
        "dest": one.dest,
        "createdAt": utc_text(one.made_us),
        "reportIfEmpty": one.wish.report_if_empty,
        "minRecordTime": utc_text(one.least_record_us),
        "epcFormat": one.wish.format.value,
        **(STREAM if one.wish.schedule is None else {"schedule": dict(one.wish.schedule.given)}),
    }
    if one.wish.initial_us is not None:
        told["initialRecordTime"] = utc_text(one.wish.initial_us)
    if one.notified_us is not None:
        told["lastNotifiedAt"] = utc_text(one.notified_us)
    return told


@router.post(_SUBSCRIPTIONS, status_code=201, summary="Subscribe", response_class=Response, openapi_extra=_BODY)
async def subscribe(request: Request, name: QueryName, principal: Asker) -> Response:
    """Have what a named query finds posted to `dest` as `EPCISQueryDocument`: as it becomes visible (`stream`), or by a
    `schedule` in UTC. With a `signatureToken` the header `GS1-Signature` is the base64 HMAC-SHA256 of the body."""
    house: Any = request.app.state.house
    check_json(request)
    media_of(request)
    kept = await house.epcis.named(name)
    told = json_body(await request.body(), BadInput)
    made = await subscriptions_of(request).subscribe(principal, kept, read_body(told, format_of(request)))
    place = f"/epcis/v2/queries/{quote(name, safe='')}/subscriptions/{made.id}"
    return json_answer(described(made), status=201, headers={"Location": place})


@router.get(_SUBSCRIPTIONS, summary="Subscriptions of a query", response_class=Response)
async def subscriptions(request: Request, name: QueryName, principal: Asker) -> Response:
    """One's own, oldest first; all with the right `operate` or `audit`."""
    house: Any = request.app.state.house
    media_of(request)
    await house.epcis.named(name)
    page = paged(request, house.settings.epcis_page)
    if page.others:
        raise BadParameter.field(page.others[0][0], page.others[0][1], "perPage and nextPageToken are known here")
    tokens = Tokens(house.epcis, house.settings.epcis_token_seconds)
    if page.token is not None:
        place = await tokens.read(request, page.token, house.clock())
    else:
        place = Place(Query(), house.clock(), (0, ""))
    after = place.after or (0, "")
    actor = None if sees_all(principal) else principal.actor
    store = subscriptions_of(request).store
    found = await store.page(name, actor, (int(after[0]), str(after[1])), page.size + 1, place.known_us)
    headers: dict[str, str] = {}
    if len(found) > page.size:
        last = found[page.size - 1]
        following = Place(Query(), place.known_us, (last.made_us, last.id))
        headers = next_headers(request, *await tokens.make(request, following, house.clock()))
    return json_answer([described(one) for one in found[: page.size]], headers=headers)


@router.get(_ONE, summary="A subscription", response_class=Response)
async def subscription(
    request: Request, name: QueryName, subscription_id: SubscriptionId, principal: Asker
) -> Response:
    """Where it stands; `/api/v1/subscriptions/{id}` tells of its deliveries."""
    media_of(request)
    found = await subscriptions_of(request).visible(principal, subscription_id, name)
    return json_answer(described(found), headers={LEAST: utc_text(found.least_record_us)})


@router.delete(_ONE, status_code=204, summary="Unsubscribe", response_class=Response)
async def unsubscribe(request: Request, name: QueryName, subscription_id: SubscriptionId, principal: Asker) -> Response:
    """No delivery starts after the answer."""
    service = subscriptions_of(request)
    await service.remove(await service.visible(principal, subscription_id, name, changing=True))
    return Response(None, 204)


@router.websocket("/queries/{name}/events")
async def socket(socket: WebSocket, name: QueryName, principal: Asker) -> None:
    """`?stream=true`, or the fields of a schedule: one `EPCISQueryDocument` a frame."""
    house: Any = socket.app.state.house
    check_versions(socket)
    kept = await house.epcis.named(name)
    wish = read_address(list(socket.query_params.multi_items()), format_of(socket))
    check_query(kept.query)
    await subscriptions_of(socket).sockets.serve(socket, kept, wish, house.closing)
