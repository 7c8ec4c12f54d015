"""Jobs that a process remembers until the event index has them."""

from __future__ import annotations

import tracemalloc
from typing import Any

from events.position import Position
from events.reading import Checkpoint
from projections.index.read_events import Job
from schemas.errors import Unavailable
from services.ingestion.capture import Caller, Captured
from services.ingestion.jobs import LATEST, Before, Jobs

CALLER = Caller("key:1", "1", "1", may_correct=False, may_audit=False, device=None, received_us=1)


class Away:
    """A job index that does not answer."""

    async def job(self, capture: str) -> Job | None:
        raise Unavailable(capture)

    async def jobs(self, limit: int = 100, before: Before = LATEST, key: str | None = None) -> list[Job]:
        raise Unavailable(str(limit))


class Nowhere:
    async def current(self) -> Position:
        return Position(())


def _job(number: int, events: int) -> Captured:
    outcomes: list[dict[str, Any]] = [
        {"index": n, "eventID": f"urn:uuid:00000000-0000-4000-8000-{number:06}{n:06}", "outcome": "captured"}
        for n in range(events)
    ]
    return Captured(f"J{number}", [], None, {"outcomes": outcomes})


async def test_many_jobs_of_large_documents_take_little_room_and_the_last_is_told() -> None:
    jobs = Jobs(Away(), lambda: Checkpoint(()), Nowhere(), lambda: 2)
    tracemalloc.start()
    try:
        for number in range(300):
            jobs.finished(_job(number, 500), CALLER)
        room = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert room < 20_000_000
    assert len((await jobs.view("J299", CALLER))["events"]) == 500
    jobs.finished(_job(300, 60_000), CALLER)
    assert len((await jobs.view("J300", CALLER))["events"]) == 60_000
