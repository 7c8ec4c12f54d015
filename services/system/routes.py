"""`/api/v1/system` and `/api/v1/backups`: the service itself (right `operate`).

`projections` is how far what is served has read the log, after a restore or a rebuild on servers too. Restoring is a
command into an empty folder.
"""

from __future__ import annotations

import asyncio
import platform
import shutil
from pathlib import Path as File
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from events.port import FACTS, STREAMS
from events.reading import Checkpoint
from events.seals import SEALED, verify
from schemas.times import utc_text
from services.accounts.exports import address_of
from services.answers import version_of
from services.languages import in_words, language_of
from services.principal import Operator, scoped
from services.rebuilding import JOURNALS
from services.reopening import Reopening
from services.system import rebuilds
from services.system.backups import Backup, back_up, backups, name_of
from services.system.jobs import Job, Jobs
from services.system.shapes import (
    BackupList,
    BackupRead,
    FileRead,
    FollowedRead,
    JobRead,
    ProjectionRead,
    StreamRead,
    SystemRead,
)

router = APIRouter(prefix="/api/v1", tags=["system"])


def jobs_of(request: Request) -> Jobs:
    """The jobs of this process."""
    jobs: Jobs = request.app.state.jobs
    return jobs


def reopening_of(request: Request) -> Reopening | None:
    """By what the application can be opened again; None where nobody listens to that."""
    reopening: Reopening | None = request.app.state.reopening
    return reopening


@router.get("/system", summary="What it runs with, and how far it is", dependencies=[scoped("operate")])
async def system(request: Request) -> SystemRead:
    """Settings without secrets, the ends of the log and what of it is sealed, how far projections are, sizes, the last
    backup, and what is being done."""
    house: Any = request.app.state.house
    lag, kept = await house.runner.lag(), await backups(house.settings)
    files, free = await asyncio.to_thread(_files, house.settings.folder)
    return SystemRead(
        version=version_of(), python=platform.python_version(), now=utc_text(house.clock()),
        embedded=house.settings.embedded, settings=house.settings.shown(),
        position=(await house.position()).token(), streams=await _streams(house), projections=await _projections(house),
        lag_events=lag.events, lag_seconds=round(lag.seconds, 3), not_projected=len(await house.index.poison()),
        files=files, disk_free=free, last_backup=_backup(kept[0]) if kept else None,
        rebuild="call" if rebuilds.by_call(house.settings, reopening_of(request)) else "command",
        jobs=[_job(one, language_of(request)) for one in jobs_of(request).all()],
    )  # fmt: skip


@router.post("/system/verify", summary="Check the log against its seals", status_code=202)
async def begin_verify(request: Request, operator: Operator) -> JobRead:
    """Every record of the sealed streams is read and compared with its seal, as `stemma verify` does. Answers at once;
    the job says what came of it. 409 while one runs."""
    house: Any = request.app.state.house

    async def work(job: Job) -> bool:
        job.total = sum([end + 1 for stream in SEALED for end in await house.log.ends(stream)])

        def progress(more: int) -> None:
            job.done += more

        report = await verify(house.log, progress=progress)
        job.lines += report.lines()
        return report.whole

    return _job(jobs_of(request).begin("verify", operator.actor, work), language_of(request))


@router.post("/system/rebuild", summary="Make the projections again from the log", status_code=202)
async def begin_rebuild(request: Request, operator: Operator) -> JobRead:
    """New ones are filled beside while the service goes on; once they are level with the log, it closes for a moment,
    in which calls wait and are not refused, and opens on the new ones. Live streams end then and are to be opened
    again. Nothing is switched if events would be set aside that are in the answers now: the job names them. Recorded in
    `access`. 409 while one runs, without room on the disk, and where projections are on servers: `stemma rebuild`
    empties those, with the service stopped."""
    house, jobs = request.app.state.house, jobs_of(request)
    reopening = rebuilds.check(house.settings, reopening_of(request))
    jobs.check("rebuild")
    await house.people.record.add("rebuild", operator.actor, address_of(request))

    async def work(job: Job) -> bool | None:
        return await rebuilds.rebuild(house, jobs, reopening, job)

    return _job(jobs.begin("rebuild", operator.actor, work), language_of(request))


@router.get("/system/jobs/{job_id}", summary="How far a job is", dependencies=[scoped("operate")])
async def job_of(
    request: Request,
    job_id: Annotated[str, Path(max_length=64, examples=["01985b0e-7c00-7000-8000-000000000001"])],
) -> JobRead:
    """404 for one of before the process began."""
    return _job(jobs_of(request).get(job_id), language_of(request))


@router.get("/backups", summary="Backups in the configured folder", dependencies=[scoped("operate")])
async def list_backups(request: Request) -> BackupList:
    """Newest first. A folder without a whole manifest is none."""
    settings = request.app.state.house.settings
    return BackupList(
        folder=str(settings.backup_folder), backups=[_backup(one) for one in await backups(settings)]
    )  # fmt: skip


@router.post("/backups", summary="Make a backup", status_code=202)
async def begin_backup(request: Request, operator: Operator) -> JobRead:
    """Into a new folder within `STEMMA_BACKUPS`, while the service runs: the log, keys and accounts, with a manifest of
    digests. Recorded in `access`. 409 while one runs. `stemma restore` brings it back into an empty folder."""
    house, jobs = request.app.state.house, jobs_of(request)
    jobs.check("backup")
    name = name_of(house.clock())
    await house.people.record.add("backup", operator.actor, address_of(request), backup=name)

    async def work(job: Job) -> bool:
        job.total = sum([end + 1 for stream in STREAMS for end in await house.log.ends(stream)])
        return await back_up(house.settings, name, job)

    return _job(jobs.begin("backup", operator.actor, work), language_of(request))


async def _streams(house: Any) -> list[StreamRead]:
    sealed = {} if house.sealer is None else house.sealer.reached()
    return [
        StreamRead(stream=stream, partition=partition, end=end, sealed=sealed.get((stream, partition)))
        for stream in STREAMS
        for partition, end in enumerate(await house.log.ends(stream))
    ]


async def _projections(house: Any) -> list[ProjectionRead]:
    ends = await house.log.ends(FACTS)
    return [
        _projection(one.name, one.version, house.runner.checkpoint(one.name), ends)
        for one in (house.genealogy, house.index)
    ]


def _projection(name: str, version: int, reached: Checkpoint, ends: tuple[int, ...]) -> ProjectionRead:
    points = reached.partitions
    return ProjectionRead(
        name=name,
        version=version,
        partitions=[
            FollowedRead(
                partition=number, next=point.next,
                recorded=utc_text(point.last_record_us) if point.last_record_us > 0 else None,
            )
            for number, point in enumerate(points)
        ],
        behind=sum(max(end - point.next + 1, 0) for point, end in zip(points, ends, strict=True)),
    )  # fmt: skip


def _files(folder: File) -> tuple[list[FileRead], int]:
    found: dict[str, int] = {}
    for file in folder.glob("*.sqlite*"):
        name = file.name
        for end in JOURNALS:
            name = name.removesuffix(end)
        found[name] = found.get(name, 0) + file.stat().st_size
    return [FileRead(name=name, size=found[name]) for name in sorted(found)], shutil.disk_usage(folder).free


def _backup(one: Backup) -> BackupRead:
    return BackupRead(name=one.name, made=utc_text(one.made_us), records=one.records, size=one.size)


def _job(one: Job, language: str) -> JobRead:
    return JobRead(
        id=one.id, kind=one.kind, state=one.state, by=one.by, began=utc_text(one.began_us),
        ended=None if one.ended_us is None else utc_text(one.ended_us), done=one.done, total=one.total, good=one.good,
        lines=[in_words(line, language) for line in one.lines],
    )  # fmt: skip
