"""Names, and one's own places and parties: registers that are records of the log, so that they obey `known_at`."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import TypeAdapter, ValidationError

from schemas.epcis.jsontext import JsonText, text_of
from schemas.epcis.stored import JSON_MEDIA
from schemas.errors import StemmaError
from schemas.requests import field_errors, refused
from services.ingestion.answers import Named, Own, OwnRead, Recorded, answer
from services.ingestion.calls import caller_of, ingestion_of, media_of, refuse
from services.ingestion.capture import Caller
from services.ingestion.described import NAMES_BODY, OWN_BODY
from services.principal import Operator, WholeCapturer, scoped
from services.waiting import POSITION_HEADER

router = APIRouter(prefix="/api/v1", tags=["registers"])
T = TypeVar("T")
_NAMES: Final[TypeAdapter[list[Named]]] = TypeAdapter(list[Named])
_OWN: Final[TypeAdapter[Own]] = TypeAdapter(Own)
_DEPTH: Final = 16


@router.put("/names", summary="Name things", response_class=Response, responses={200: {"model": Recorded}},
            openapi_extra=NAMES_BODY)  # fmt: skip
async def put_names(request: Request, principal: WholeCapturer) -> Response:
    """Names in Chinese and English of an object, place, party or any other key; one entry or a list. The newest
    replaces the older whole, from now on; questions with an earlier `known_at` see the older."""
    media_of(request, JSON_MEDIA)
    caller, body = caller_of(request, principal), await request.body()
    return await record_names(request, body, caller)


async def record_names(request: Request, body: bytes, caller: Caller, resubmits: str | None = None) -> Response:
    """Record a body of names."""
    try:
        value = _read(body)
        names = _checked(_NAMES, value if isinstance(value, list) else [value])
        position = await ingestion_of(request).names([one.model_dump(exclude_none=True) for one in names], caller)
    except StemmaError as fault:
        return await refuse(request, fault, body, caller, resubmits)
    return answer({"recorded": len(names)}, headers={POSITION_HEADER: position.token()})


@router.get("/own", summary="One's own places and parties", dependencies=[scoped("query", "operate")])
async def get_own(request: Request) -> OwnRead:
    """As last recorded. Objects received at one of these are in stock, elsewhere delivered."""
    return OwnRead(own=await ingestion_of(request).own_now())


@router.put("/own", summary="Set one's own places and parties", response_class=Response,
            responses={200: {"model": Recorded}}, openapi_extra=OWN_BODY)  # fmt: skip
async def put_own(request: Request, principal: Operator) -> Response:
    """The whole list: it replaces the one before from now on, and questions with an earlier `known_at` see that."""
    media_of(request, JSON_MEDIA)
    caller, body = caller_of(request, principal), await request.body()
    return await record_own(request, body, caller)


async def record_own(request: Request, body: bytes, caller: Caller, resubmits: str | None = None) -> Response:
    """Record a body of own places and parties."""
    try:
        own = _checked(_OWN, _read(body))
        position = await ingestion_of(request).own(own.own, caller)
    except StemmaError as fault:
        return await refuse(request, fault, body, caller, resubmits)
    return answer({"recorded": len(own.own)}, headers={POSITION_HEADER: position.token()})


def _read(body: bytes) -> Any:
    source = JsonText(text_of(body), depth=_DEPTH)
    value, end = source.value(source.start(), "", 0)
    source.finish(end)
    return value


def _checked(adapter: TypeAdapter[T], value: Any) -> T:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise refused(field_errors(error)) from None
