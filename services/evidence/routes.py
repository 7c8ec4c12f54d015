"""`POST /api/v1/evidence`: an evidence file of any objects, places or window of time (right `export`)."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import Field

from schemas.errors import BadInput
from schemas.requests import Strict, Text
from schemas.times import utc_text
from services.accounts.access_routes import names_of_actors
from services.accounts.exports import exports
from services.evidence.gathering import gather
from services.evidence.package import LANGUAGES, Cover, write
from services.principal import principal_of, scoped
from services.recall.streams import begun
from services.timeline.around import watermark_us
from services.timeline.entries import entries_of, keys_of
from services.timeline.files import csv_of
from services.timeline.parameters import FILTERS, Filters, asked
from services.timeline.timeline import around_of, basis
from services.waiting import WaitBoth

router = APIRouter(prefix="/api/v1", tags=["evidence"])
ZIP: Final = "application/zip"
_CHUNK: Final = 65_536
_Values = Annotated[list[Text], Field(max_length=1000)]
_Time = Annotated[str, Field(max_length=100)]


class EvidenceRequest(Strict):
    """Of what: the filters of the timeline, of which all that are given must hold."""

    object: _Values = Field([], description="in any spelling; any of them")
    place: _Values = Field([], description="read point or business location; any of them")
    resource: _Values = Field([], description="machines, tools, gauges; any of them")
    operator: _Values = Field([], description="who did it; any of them")
    activity: _Values = Field([], description="business steps or activities; any of them")
    party: _Values = Field([], description="any of them")
    document: _Values = Field([], description="any of them")
    since: _Time | None = Field(None, alias="from", description="first eventTime, included")
    until: _Time | None = Field(None, alias="to", description="last eventTime, included")
    known_at: _Time | None = Field(None, description="only what was recorded by then")
    happened_by: _Time | None = Field(None, description="only what happened by then")

    def filters(self) -> Filters:
        """As the timeline takes them. Errors: `BadInput` where nothing bounds them."""
        included = {name: list(getattr(self, name)) for name in FILTERS}
        if not any(included.values()) and self.since is None and self.until is None:
            raise BadInput.field("object", "", "name at least an object, a place or another filter, or `from` and `to`")
        return Filters(
            included, {name: [] for name in FILTERS}, self.since, self.until, self.known_at, self.happened_by
        )


_SESAME: Final = {
    "the recalled lot": {
        "summary": "Everything that happened to the demo plant's bad sesame lot",
        "value": {"object": ["https://id.gs1.org/01/09521103000014/10/SESAME-0612"]},
    }
}


@router.post(
    "/evidence",
    summary="An evidence file of objects or a window",
    responses={200: {"content": {ZIP: {}}}},
    dependencies=[scoped("query"), exports(), WaitBoth],
    response_class=Response,
)
async def evidence(request: Request, given: Annotated[EvidenceRequest, Body(openapi_examples=_SESAME)]) -> Response:
    """A ZIP of at most 10,000 events: each record of them byte for byte as the log has it (corrections and records that
    lost included), the seals that cover them, a readable page in Chinese and English, CSV, and `verify.py`, which
    checks all of it with Python alone. Recorded in `access`."""
    house: Any = request.app.state.house
    query = await asked(house.index, given.filters(), watermark_us(house), house.settings.base)
    query, concerned = await around_of(request).concerning(query)
    gathered = await gather(house, query)
    entries = await entries_of(house.index, gathered.events, query.known_us, concerned.by_way)
    keys = keys_of(entries)
    names = {one: await house.index.names(keys, one, query.known_us) for one in LANGUAGES}
    actor = principal_of(request).actor
    by = (await names_of_actors(request)).get(actor)
    cover = Cover(
        given.model_dump(by_alias=True, exclude_defaults=True), await basis(house, query.known_us),
        utc_text(house.clock()), actor if by is None else f"{by} ({actor})",
    )  # fmt: skip

    async def parts() -> AsyncIterator[bytes]:
        with tempfile.TemporaryFile() as file:
            await asyncio.to_thread(write, file, cover, gathered, entries, csv_of(entries), names)
            file.seek(0)
            while part := await asyncio.to_thread(file.read, _CHUNK):
                yield part

    headers = {"content-disposition": 'attachment; filename="evidence.zip"', "Stemma-Known-At": cover.basis["known_at"]}
    return StreamingResponse(await begun(parts()), media_type=ZIP, headers=headers)
