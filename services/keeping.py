"""Backup and restore, on whatever back ends the settings name.

A backup holds the log of any back end in one SQLite file, keys and accounts, and a manifest with their digests.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any, Final

from events.port import FACTS
from events.replay import Progress, copy_log
from schemas.errors import BadInput, Conflict
from schemas.times import utc_text
from services import bootstrap
from services.accounts.store import AccountStore
from services.clock import system_clock
from services.epcis.subscriptions.saving import restored, saved
from services.keys.store import KeyStore
from services.rebuilding import remove
from services.settings import Settings

LOG: Final = "log.sqlite"
KEYS: Final = "keys.json"
ACCOUNTS: Final = "accounts.json"
SUBSCRIPTIONS: Final = "subscriptions.json"
SAVED: Final = (LOG, KEYS, ACCOUNTS, SUBSCRIPTIONS)
MANIFEST: Final = "manifest.json"


async def make_backup(settings: Settings, folder: Path, progress: Progress = lambda stream, count: None) -> int:
    """Copy log, keys and accounts into an empty folder; returns the number of records. Errors: `Conflict`."""
    place = _empty(folder)
    source = await bootstrap.open_log(settings, read_only=True)
    try:
        partitions = source.partitions(FACTS)
        target = await bootstrap.open_log_at(f"sqlite:///{place / LOG}", partitions)
        try:
            count = await copy_log(source, target, progress)
        finally:
            await target.close()
    finally:
        await source.close()
    async with bootstrap.open_workbench(settings) as workbench:
        told: dict[str, Any] = {
            KEYS: await KeyStore(workbench, system_clock).export(),
            ACCOUNTS: await AccountStore(workbench, system_clock).export(),
            SUBSCRIPTIONS: await saved(workbench),
        }
    for name, rows in told.items():
        (folder / name).write_text(json.dumps(rows, indent=1), encoding="utf-8")
    for name in (ACCOUNTS, SUBSCRIPTIONS):
        (folder / name).chmod(0o600)
    manifest = {
        "made": utc_text(system_clock()),
        "records": count,
        "partitions": partitions,
        "sha256": {name: await asyncio.to_thread(_sha256, folder / name) for name in SAVED},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return count


async def restore_backup(settings: Settings, folder: Path, until_us: int | None) -> int:
    """Bring a backup into an empty log and workbench; returns the number of records. The caller holds the lock.

    Errors: `Conflict` for a log or workbench that is not empty, `BadInput` for a backup that is not as it was made.
    """
    manifest, saved = _checked(folder)
    source = await bootstrap.open_log_at(f"sqlite:///{saved / LOG}", manifest["partitions"], read_only=True)
    try:
        target = await bootstrap.open_log(settings, partitions=manifest["partitions"])
        try:
            if any(end >= 0 for end in await target.ends(FACTS)):
                raise Conflict("the log is not empty: restore into an empty data folder, or another topic")
            count = await copy_log(source, target, until_us=until_us)
        finally:
            await target.close()
    finally:
        await source.close()
    async with bootstrap.open_workbench(settings) as workbench:
        await KeyStore(workbench, system_clock).restore(_told(folder, KEYS))
        # backups of before there were accounts or subscriptions have none
        if ACCOUNTS in manifest["sha256"]:
            await AccountStore(workbench, system_clock).restore(_told(folder, ACCOUNTS))
        if SUBSCRIPTIONS in manifest["sha256"]:
            await restored(workbench, _told(folder, SUBSCRIPTIONS))
    for file in bootstrap.projection_files(settings):
        remove(file)
    return count


def _empty(folder: Path) -> Path:
    """The folder by its whole path, if a backup may be put there. Errors: `Conflict`."""
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty: name a new folder for the backup")
    return folder.absolute()


def _checked(folder: Path) -> tuple[dict[str, Any], Path]:
    """The manifest, and the folder by its whole path. Errors: `BadInput` for what is not as it was saved."""
    fix = "name a folder that `stemma backup` made, unchanged since"
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        for name, digest in manifest["sha256"].items():
            if name not in SAVED or _sha256(folder / name) != digest:
                raise BadInput.field("backup", str(folder / name), f"is not what was saved: {fix}")
    except (OSError, ValueError, KeyError, AttributeError) as fault:
        raise BadInput.field("backup", str(folder), f"cannot be read ({fault}): {fix}") from None
    return manifest, folder.absolute()


def _told(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
