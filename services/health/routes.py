"""`/health/live`, `/health/ready` and `/metrics`.

*Live*: the process answers. *Ready*: every store answers, and how far the projections are behind the log. Lag does not
make a service unready (a read may ask to wait, `Stemma-Wait-For`); events set aside as poison do not either, but are
counted here and in every answer (architecture rule 7).
"""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from events.port import FACTS
from schemas.errors import StemmaError
from services.languages import in_words, language_of
from services.principal import scoped
from services.shapes import Shape
from services.waiting import WaitIndex

router = APIRouter(tags=["health"])
_log = structlog.get_logger("stemma.health")


class Live(Shape):
    """The process answers."""

    status: str = Field(description="always `live`")


class Ready(Shape):
    """Whether every store answers, and how far the projections are."""

    status: str = Field(description="`ready` or `unready`")
    stores: dict[str, str] = Field(description="`ok` or what is wrong, by store")
    lag_events: int = Field(description="events in the log that no answer shows yet")
    lag_seconds: float = Field(description="age of the oldest of them, in seconds")
    not_projected: int = Field(description="events set aside because they could not be projected")


class NotProjected(Shape):
    """An event set aside."""

    event: str = Field(description="eventID")
    reason: str = Field(description="why it could not be projected")
    partition: int = Field(description="partition of the log")
    offset: int = Field(description="offset in it")


class SetAside(Shape):
    """Events set aside because they could not be projected."""

    total: int = Field(description="how many there are")
    events: list[NotProjected] = Field(description="at most `limit`, in the order of the log")


@router.get("/health/live", summary="Is the process alive?")
async def live() -> Live:
    """200 as long as the process answers."""
    return Live(status="live")


@router.get("/health/ready", summary="Can it answer questions?", response_class=Response,
            responses={200: {"model": Ready}, 503: {"model": Ready}})  # fmt: skip
async def ready(request: Request) -> Response:
    """200 with lag and the count of events set aside; 503 with what is wrong if a store does not answer."""
    found = await look(request.app.state.house)
    return JSONResponse(found.model_dump(), 200 if found.status == "ready" else 503)


@router.get("/api/v1/not-projected", summary="Events that could not be projected", dependencies=[
    scoped("query", "operate", "audit"), WaitIndex
])  # fmt: skip
async def not_projected(
    request: Request, limit: Annotated[int, Query(ge=1, le=1000, description="events listed")] = 100
) -> SetAside:
    """Set aside with their reason, in the order of the log; they are in it, and in no answer (architecture rule 7)."""
    found = await request.app.state.house.index.poison()
    listed = [
        NotProjected(
            event=one.event_id,
            reason=in_words(one.sentence, language_of(request)),
            partition=one.partition,
            offset=one.offset,
        )
        for one in found[:limit]
    ]
    return SetAside(total=len(found), events=listed)


@router.get(
    "/metrics", summary="Prometheus figures", dependencies=[scoped("query", "operate")], response_class=Response
)
async def metrics(request: Request) -> Response:
    """Calls, seconds, refusals, lag, events not projected, in Prometheus' text format."""
    figures = request.app.state.metrics
    found = await look(request.app.state.house)
    figures.lag_events.set(found.lag_events)
    figures.lag_seconds.set(found.lag_seconds)
    figures.not_projected.set(found.not_projected)
    scrubbed = [one.last for one in request.app.state.house.scrubbers if one.last is not None]
    figures.damaged.set(sum(len(one.damaged) for one in scrubbed))
    figures.scrubbed.set(sum(one.rows for one in scrubbed))
    with suppress(StemmaError):
        told = await request.app.state.house.subscriptions.figures()
        for state in ("active", "suspended"):
            figures.subscriptions.labels(state).set(told[state])
        figures.pending.set(told["pending"])
        figures.oldest.set(told["oldest_seconds"])
        figures.sockets.set(told["sockets"])
    return Response(figures.text(), media_type="text/plain; version=0.0.4")


async def look(house: Any) -> Ready:
    """Ask every store once. Never raises for a store that does not answer: that is the answer."""
    stores = {
        "log": await _verdict(house.log.ends(FACTS)),
        "genealogy": await _verdict(house.genealogy.checkpoint()),
        "index": await _verdict(house.index.checkpoint()),
        "workbench": await _verdict(house.keys.read()),
    }
    sound = all(verdict == "ok" for verdict in stores.values())
    lag = await house.runner.lag() if stores["log"] == "ok" else None
    return Ready(
        status="ready" if sound else "unready",
        stores=stores,
        lag_events=lag.events if lag else 0,
        lag_seconds=lag.seconds if lag else 0.0,
        not_projected=len(await house.index.poison()) if stores["index"] == "ok" else 0,
    )


async def _verdict(question: Any) -> str:
    try:
        await question
    except StemmaError as error:
        _log.warning("store does not answer", error=error.detail)
        return error.title
    return "ok"
