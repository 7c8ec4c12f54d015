"""Capture jobs: the finished ones of the event index, and this process's own until the index has them.

A `Location` that was given never answers 404: while the index has not read the whole log, an unknown job is waited for,
then 503.
Source: EPCIS 2.0 section 12.6.2, epcis.md C5.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, Protocol

from events.reading import Checkpoint
from projections.index.read_events import Job
from schemas.errors import NotFound, Unavailable
from schemas.sentences import say
from services.clock import Clock
from services.ingestion.capture import Caller, Captured, Ending
from services.ingestion.documents import job_view, view_of

Before = tuple[int, int]
"""A place among jobs, newest first: recordTime (microseconds) and row."""
LATEST: Final[Before] = (2**63 - 1, 2**63 - 1)
_KEPT: Final = 1000
_VERDICTS_KEPT: Final = 20_000
"""Of all jobs together: those of a large document take room, and the index has them after moments."""
_WAIT_SECONDS: Final = 2.0
_STEP_SECONDS: Final = 0.05


class JobIndex(Protocol):
    """What jobs are asked of. Errors of both: `Unavailable`."""

    async def job(self, capture: str) -> Job | None: ...

    async def jobs(self, limit: int = 100, before: Before = ..., key: str | None = None) -> list[Job]: ...


class Jobs:
    """Answers for capture jobs; `reached` tells how far the event index has read."""

    def __init__(self, index: JobIndex, reached: Callable[[], Checkpoint], ends: Ending, clock: Clock) -> None:
        self._index = index
        self._ends = ends
        self._reached = reached
        self._clock = clock
        self._recent: OrderedDict[str, tuple[str, dict[str, Any]]] = OrderedDict()
        self._verdicts = 0

    def finished(self, captured: Captured, caller: Caller) -> None:
        """Remember a job just closed."""
        view = job_view(captured.capture, captured.job, caller.received_us, self._clock())
        self._recent[captured.capture] = (caller.source, view)
        self._verdicts += len(view["events"])
        while len(self._recent) > _KEPT or (self._verdicts > _VERDICTS_KEPT and len(self._recent) > 1):
            _, (_, gone) = self._recent.popitem(last=False)
            self._verdicts -= len(gone["events"])

    async def view(self, capture: str, caller: Caller) -> dict[str, Any]:
        """A job as EPCIS shows it, to who captured it or may audit.

        Errors: `NotFound`; `Unavailable` if the index does not reach the end of the log within 2 s.
        """
        found = await self._find(capture)
        if found is None and (level := await self.level()):
            found = await self._find(capture)
        if found is None and not level:
            raise Unavailable("the event index has not read the whole log yet: try again")
        if found is None or not (caller.may_audit or found[0].partition("/")[0] == caller.key):
            raise NotFound(say("no capture job {capture} of yours is known", capture=capture[:100]))
        return found[1]

    async def level(self) -> bool:
        """True once the index has read what is in the log now; False after 2 s. Errors: `Unavailable`."""
        end = await self._ends.current()
        for _ in range(int(_WAIT_SECONDS / _STEP_SECONDS)):
            if self._reached().covers(end):
                return True
            await asyncio.sleep(_STEP_SECONDS)
        return self._reached().covers(end)

    async def _find(self, capture: str) -> tuple[str, dict[str, Any]] | None:
        try:
            job = await self._index.job(capture)
        except Unavailable:
            if capture in self._recent:
                return self._recent[capture]
            raise
        if job is not None:
            return job.source, view_of(job)
        return self._recent.get(capture)

    async def page(self, caller: Caller, limit: int, before: Before) -> tuple[list[dict[str, Any]], Before | None]:
        """Jobs before a place, newest first: the caller's own, or all for who may audit; and where the next begins."""
        key = None if caller.may_audit else caller.key
        found = await self._index.jobs(limit + 1, before, key)
        more = found[limit - 1].key if len(found) > limit else None
        return [view_of(job) for job in found[:limit]], more
