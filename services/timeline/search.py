"""`GET /api/v1/search` and `/api/v1/objects`: anything by what a person types, pastes or scans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from projections.index.read_names import Hit, Match
from schemas.errors import BadIdentifier
from schemas.identifiers import Identifier, identify_strict
from schemas.identifiers.typed import is_code, readings
from services.languages import language_of
from services.principal import scoped
from services.shapes import Shape
from services.waiting import WaitIndex

if TYPE_CHECKING:
    from projections.index.store import EventIndex

router = APIRouter(prefix="/api/v1", tags=["timeline"], dependencies=[WaitIndex, scoped("query")])
Sought = Annotated[
    str,
    Query(
        min_length=1,
        max_length=1000,
        description="a code as scanned or in any spelling, a number or its beginning, a name, any part of these",
        examples=["SESAME-0612"],
    ),
]
Most = Annotated[int, Query(ge=1, le=1000)]


class Found(Shape):
    """Something found."""

    id: str = Field(description="canonical key; of an event, its eventID")
    kind: str = Field(
        description="item, lot, product, logistic_unit, asset, place, party, resource, operator, order, document, event"
    )
    product: str | None = Field(description="key of its product class")
    lot: str | None = Field(description="key of its lot")
    name: str | None = Field(description="its name in the caller's language, else its product's")
    match: Match = Field(description="how it was meant; several with `key` or `number` mean that the text is ambiguous")


class ReadAs(Shape):
    """What a whole code names, recorded or not."""

    id: str = Field(description="canonical key")
    kind: str = Field(description="kind of object, place or party")
    product: str | None = Field(description="key of its product class")
    lot: str | None = Field(description="key of its lot, where the code tells it")


class FoundList(Shape):
    """What was found, best first."""

    found: list[Found] = Field(description="at most `limit`")
    read_as: ReadAs | None = Field(description="of a whole code, what it names; null for any other text")
    fault: str | None = Field(description="of a whole code, the rule it breaks, such as a wrong check digit")


@router.get("/search", summary="Find anything")
async def search(request: Request, q: Sought, limit: Most = 50) -> FoundList:
    """Objects, places, parties, resources, orders, documents and events. Codes may be in full-width digits, with
    brackets, with FNC1 or a sign for it, without the scanner's prefix, as a link or as a URN."""
    index: EventIndex = request.app.state.house.index
    answer = await _found(request, q, await index.search(q, limit))
    known = await index.events(readings(q), await index.watermark_us())
    events = [
        Found(id=event_id, kind="event", product=None, lot=None, name=None, match="key") for event_id in sorted(known)
    ]
    return answer.model_copy(update={"found": [*events, *answer.found][:limit]})


@router.get("/objects", summary="Find objects")
async def objects(request: Request, q: Sought, limit: Most = 50) -> FoundList:
    """The same, objects only."""
    index: EventIndex = request.app.state.house.index
    return await _found(request, q, await index.objects(q, limit))


async def _found(request: Request, text: str, hits: list[Hit]) -> FoundList:
    house = request.app.state.house
    index: EventIndex = house.index
    keys = {key for hit in hits for key in (hit.key, hit.product) if key}
    told = await index.names(keys, language_of(request), await index.watermark_us())
    named, fault = _read(text, house.settings.base)
    return FoundList(
        found=[
            Found(
                id=hit.key, kind=hit.kind, product=hit.product, lot=hit.lot,
                name=told.get(hit.key) or told.get(hit.product or ""), match=hit.match,
            )
            for hit in hits
        ],
        read_as=None if named is None else ReadAs(
            id=named.key, kind=str(named.kind), product=named.product, lot=named.lot
        ),
        fault=fault,
    )  # fmt: skip


def _read(text: str, base: str | None) -> tuple[Identifier | None, str | None]:
    """What a code names, or what is wrong with it; neither for a text that is no code."""
    fault = None
    for one in filter(is_code, readings(text)):
        try:
            return identify_strict(one, base, "q"), None
        except BadIdentifier as broken:
            fault = broken.errors[0].fix
    return None, fault
