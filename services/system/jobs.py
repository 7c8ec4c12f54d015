"""Work of minutes that a call begins: its progress is asked for, one of a kind at a time, and it ends with the process.

What jobs found is kept in memory alone: a check or a backup that a restart cut short is begun anew. It outlives the
application that `stemma serve` opens again.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal

import structlog

from schemas.errors import Conflict, NotFound, StemmaError
from schemas.sentences import say
from services.clock import Clock
from services.ingestion.ids import new_id

JobKind = Literal["verify", "backup", "rebuild"]
JobState = Literal["running", "done", "failed"]
_KEPT: Final = 50
_log = structlog.get_logger("stemma.jobs")


@dataclass
class Job:
    """One piece of work. Times in microseconds since 1970 UTC; `done` of `total` records so far, `total` 0 until it is
    known. `lines` say what came of it; `good` is None until then."""

    id: str
    kind: JobKind
    by: str
    began_us: int
    about: str = ""
    state: JobState = "running"
    ended_us: int | None = None
    done: int = 0
    total: int = 0
    lines: list[str] = field(default_factory=list)
    good: bool | None = None


Work = Callable[[Job], Awaitable[bool | None]]
"""Does the work, telling `done`, `total` and `lines`; whether all was well, or None if another will `end` the job."""


class Jobs:
    """The jobs of this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, kind: JobKind, by: str, work: Work, about: str = "") -> Job:
        """Start it. Errors: `Conflict` while one of its kind runs."""
        self.check(kind)
        now = self._clock()
        job = Job(new_id(now), kind, by, now, about)
        self._jobs[job.id] = job
        while len(self._jobs) > _KEPT:
            self._jobs.popitem(last=False)
        task = asyncio.create_task(self._run(job, work), name=f"job:{kind}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def check(self, kind: JobKind) -> None:
        """Errors: `Conflict` while one of this kind runs."""
        running = [one for one in self._jobs.values() if one.kind == kind and one.state == "running"]
        if running:
            raise Conflict(
                say("a {kind} is running already: look at /api/v1/system/jobs/{id}", kind=kind, id=running[0].id)
            )

    def get(self, job_id: str) -> Job:
        """Errors: `NotFound`."""
        if job_id not in self._jobs:
            raise NotFound("there is no such job since this process began")
        return self._jobs[job_id]

    def last(self, kind: JobKind) -> Job | None:
        """The newest of a kind."""
        return next((one for one in reversed(self._jobs.values()) if one.kind == kind), None)

    def all(self) -> list[Job]:
        """Newest first."""
        return list(reversed(self._jobs.values()))

    async def others(self) -> None:
        """Return once the jobs that run beside the caller's have ended."""
        if others := self._tasks - {asyncio.current_task()}:
            await asyncio.wait(others)

    def end(self, job: Job, good: bool, line: str) -> None:
        """End a job whose work left that to another."""
        job.lines.append(line)
        self._ended(job, good)

    async def stop(self) -> None:
        """End what runs."""
        for task in self._tasks:
            task.cancel()
        for task in list(self._tasks):
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self, job: Job, work: Work) -> None:
        try:
            good = await work(job)
            if good is not None:
                self._ended(job, good)
        except StemmaError as fault:
            self._failed(job, fault.detail)
        except OSError as fault:
            self._failed(job, str(fault))
        except asyncio.CancelledError:
            self._failed(job, "the service ended")
            raise
        except Exception as fault:
            _log.error("job failed", kind=job.kind, exc_info=fault)
            self._failed(job, type(fault).__name__)

    def _failed(self, job: Job, reason: str) -> None:
        job.lines.append(reason)
        self._ended(job, False, "failed")

    def _ended(self, job: Job, good: bool, state: JobState = "done") -> None:
        job.state, job.good, job.ended_us = state, good, self._clock()
