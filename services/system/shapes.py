"""What the routes about the service itself answer. Times are RFC 3339 in UTC, sizes bytes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.shapes import Shape
from services.system.jobs import JobKind, JobState


class StreamRead(Shape):
    """One partition of a stream of the log."""

    stream: str = Field(description="facts, refused, seals or access")
    partition: int = Field(description="partition")
    end: int = Field(description="last offset, -1 for none")
    sealed: int | None = Field(description="last offset that a seal covers, -1 for none; null for what is not sealed")


class FollowedRead(Shape):
    """How far a projection is in one partition."""

    partition: int = Field(description="partition of the facts")
    next: int = Field(description="offset that it reads next")
    recorded: str | None = Field(description="recordTime up to which it knows the log")


class ProjectionRead(Shape):
    """A projection."""

    name: str = Field(description="genealogy or index")
    version: int = Field(description="version of its form; another one is made by `stemma rebuild`")
    partitions: list[FollowedRead] = Field(description="how far it is")
    behind: int = Field(description="records of the log that it has not read")


class FileRead(Shape):
    """A file of the data folder."""

    name: str = Field(description="name")
    size: int = Field(description="bytes, its journal included")


class BackupRead(Shape):
    """A backup in the configured folder."""

    name: str = Field(description="name of its folder")
    made: str = Field(description="when")
    records: int = Field(description="records of the log")
    size: int = Field(description="bytes")


class BackupList(Shape):
    """Backups that were made by call, or by command into the same folder."""

    folder: str = Field(description="where they are, by the setting `STEMMA_BACKUPS`")
    backups: list[BackupRead] = Field(description="whole ones, newest first")


class JobRead(Shape):
    """A piece of work that a call began."""

    id: str = Field(description="names it")
    kind: JobKind = Field(description="what it does")
    state: JobState = Field(description="`failed`: it did not come to an end")
    by: str = Field(description="who began it")
    began: str = Field(description="when")
    ended: str | None = Field(description="when, null while it runs")
    done: int = Field(description="records so far")
    total: int = Field(description="records in all, 0 until that is known")
    good: bool | None = Field(
        description="whether all was well: of a check, that the log is as it was sealed; of a rebuild, that it switched"
    )
    lines: list[str] = Field(description="what came of it, in words")


class SystemRead(Shape):
    """The service itself."""

    version: str = Field(description="of Stemma")
    python: str = Field(description="of Python")
    now: str = Field(description="the service's clock")
    embedded: bool = Field(description="true when all is kept in the data folder")
    settings: dict[str, str] = Field(description="every setting, secrets hidden")
    position: str = Field(description="the end of the log")
    streams: list[StreamRead] = Field(description="the log")
    projections: list[ProjectionRead] = Field(description="what follows it")
    lag_events: int = Field(description="records that answers of the slowest projection do not show yet")
    lag_seconds: float = Field(description="age of the oldest of them")
    not_projected: int = Field(description="events set aside, listed by `/api/v1/not-projected`")
    files: list[FileRead] = Field(description="of the data folder")
    disk_free: int = Field(description="bytes free where the data folder is")
    last_backup: BackupRead | None = Field(description="null if there is none in the configured folder")
    rebuild: Literal["call", "command"] = Field(
        description="how projections are made again: by `POST /api/v1/system/rebuild` while the service runs, or by "
        "`stemma rebuild` with the service stopped, which empties those on servers first"
    )
    jobs: list[JobRead] = Field(description="begun since the process began, newest first")
