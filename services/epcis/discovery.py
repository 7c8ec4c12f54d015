"""`OPTIONS` on every resource of the binding: what may be done with it, and which versions are spoken.

Source: EPCIS 2.0 section 12.2, epcis.md D1, D2.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from schemas.errors import NotFound
from schemas.times import utc_text
from services.epcis.limits import capture_limits
from services.epcis.toplevel import KINDS, Resource, check_known
from services.epcis.versions import OLDEST_CAPTURED, VERSION, EpcisRoute
from services.ingestion.calls import caller_of, ingestion_of
from services.principal import principal_of, scoped

router = APIRouter(
    prefix="/epcis/v2", tags=["EPCIS"], route_class=EpcisRoute, dependencies=[scoped()], include_in_schema=False
)
Check = Callable[[Request], Awaitable[None]]
_SPOKEN: Final = {
    "GS1-EPCIS-Version": VERSION, "GS1-EPCIS-Min": VERSION, "GS1-EPCIS-Max": VERSION,
    "GS1-CBV-Version": VERSION, "GS1-CBV-Min": VERSION, "GS1-CBV-Max": VERSION,
    "GS1-EPC-Format": "No_Preference", "GS1-CBV-XML-Format": "No_Preference", "GS1-Extensions": "",
}  # fmt: skip


def options(request: Request, allow: str, **more: str) -> Response:
    """204 with what may be done and what is spoken."""
    headers = {"Allow": f"OPTIONS, {allow}", **_SPOKEN, "GS1-Vendor-Version": request.app.version}
    return Response(None, 204, {**headers, **more})


def _add(path: str, allow: str, check: Check | None = None) -> None:
    async def discover(request: Request) -> Response:
        if check is not None:
            await check(request)
        return options(request, allow)

    router.add_api_route(path, discover, methods=["OPTIONS"], status_code=204, response_class=Response)


@router.api_route("/capture", methods=["OPTIONS"], status_code=204, response_class=Response)
async def capture(request: Request) -> Response:
    settings = request.app.state.house.settings
    limits = {
        "GS1-EPCIS-Min": OLDEST_CAPTURED,
        **capture_limits(settings.max_body),
        "GS1-Capture-Error-Behaviour": "all",
    }
    return options(request, "GET, POST", **limits)


@router.api_route(
    "/queries/{name}/subscriptions/{subscription_id}", methods=["OPTIONS"], status_code=204, response_class=Response
)
async def subscription(request: Request) -> Response:
    service, told = request.app.state.house.subscriptions, request.path_params
    found = await service.visible(principal_of(request), told["subscription_id"], told["name"])
    return options(request, "GET, DELETE", **{"GS1-Query-Min-Record-Time": utc_text(found.least_record_us)})


async def _job(request: Request) -> None:
    caller = caller_of(request, principal_of(request))
    await ingestion_of(request).jobs.view(request.path_params["capture_id"], caller)


async def _event(request: Request) -> None:
    index: Any = request.app.state.house.index
    if not await index.event(request.path_params["event_id"], await index.watermark_us()):
        raise NotFound("no event has this eventID")


async def _query(request: Request) -> None:
    await request.app.state.house.epcis.named(request.path_params["name"])


def _value(resource: Resource) -> Check:
    async def check(request: Request) -> None:
        await check_known(request.app.state.house, resource, request.path_params["value"])

    return check


for _path in ("", "/"):
    _add(_path, "GET")
_add("/capture/{capture_id}", "GET", _job)
_add("/events", "GET, POST")
_add("/events/{event_id:path}", "GET", _event)
for _kind in KINDS:
    _add(f"/{_kind.name}", "GET")
    _add(f"/{_kind.name}/{{value:path}}/events", "GET", _value(_kind))
    _add(f"/{_kind.name}/{{value:path}}", "GET", _value(_kind))
_add("/queries", "GET, POST")
_add("/queries/{name}/events", "GET", _query)
_add("/queries/{name}/subscriptions", "GET, POST", _query)
_add("/queries/{name}", "GET, DELETE", _query)
