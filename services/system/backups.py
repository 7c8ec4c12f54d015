"""Backups into the configured folder: made while the service runs, one folder each, named by when it was begun.

No call names a path: a folder's name is made here, and what is listed is what a manifest makes a backup.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from schemas.sentences import say
from schemas.times import Instant
from services.keeping import MANIFEST, make_backup
from services.settings import Settings
from services.system.jobs import Job

_NAME: Final = "%Y-%m-%dT%H-%M-%S.%fZ"


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup: its folder's name, when it was made (microseconds since 1970 UTC), records of the log, and bytes."""

    name: str
    made_us: int
    records: int
    size: int


def name_of(now_us: int) -> str:
    """The folder's name for a backup begun now."""
    return datetime.fromtimestamp(now_us / 1_000_000, UTC).strftime(_NAME)


async def backups(settings: Settings) -> list[Backup]:
    """Whole backups in the configured folder, newest first."""
    return await asyncio.to_thread(_listed, settings.backup_folder)


async def back_up(settings: Settings, name: str, job: Job) -> bool:
    """Make one; what a failure leaves is taken away. Errors: `Conflict`, `Unavailable`, OSError."""
    place = settings.backup_folder / name
    place.mkdir(parents=True, mode=0o700)

    def progress(_: str, more: int) -> None:
        job.done += more

    try:
        job.done = job.total = await make_backup(settings, place, progress)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    job.lines.append(say("{done} records in {name}", done=job.done, name=name))
    return True


def _listed(folder: Path) -> list[Backup]:
    found = [one for file in folder.glob(f"*/{MANIFEST}") if (one := _read(file)) is not None]
    return sorted(found, key=lambda one: (one.made_us, one.name), reverse=True)


def _read(manifest: Path) -> Backup | None:
    try:
        told = json.loads(manifest.read_text(encoding="utf-8"))
        size = sum(file.stat().st_size for file in manifest.parent.iterdir())
        return Backup(manifest.parent.name, Instant.parse(told["made"], "made").us, int(told["records"]), size)
    except (OSError, ValueError, KeyError, TypeError):
        return None
