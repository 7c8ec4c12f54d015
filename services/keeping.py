"""Rebuild, backup and restore, on whatever back ends the settings name.

A rebuild projects the whole log anew. Embedded stores are made beside the old files, which stay in service until the
new ones are level and are then replaced; server stores are emptied and filled, after a trial run of the whole log has
shown that nothing more would be set aside (architecture rules 7 and 8). A backup holds the log of any back end in one
SQLite file, keys and accounts, and a manifest with their digests.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from events.port import FACTS, EventLog
from events.position import Position
from events.reading import PartitionPoint, PartitionReader
from events.replay import Progress, copy_log
from projections.beside import Beside
from projections.port import Poison
from projections.projecting import project
from projections.projector import Projector
from projections.runner import Runner
from schemas.errors import BadInput, Conflict, Unavailable
from schemas.times import utc_text
from services import bootstrap
from services.clock import system_clock
from services.epcis.subscriptions.saving import restored, saved
from services.settings import Settings

LOG: Final = "log.sqlite"
KEYS: Final = "keys.json"
ACCOUNTS: Final = "accounts.json"
SUBSCRIPTIONS: Final = "subscriptions.json"
SAVED: Final = (LOG, KEYS, ACCOUNTS, SUBSCRIPTIONS)
MANIFEST: Final = "manifest.json"
NEW: Final = ".new"
_RECORDS: Final = 1000
_TOLD_SECONDS: Final = 1.0
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: `refused` are the events for which it did not switch."""

    records: int
    set_aside: int
    refused: list[Poison]


async def rebuild_projections(settings: Settings, accept: Collection[str], tell: Tell) -> Rebuilt:
    """Make the projections again from the log and switch, unless events are set aside that were not before and are
    not in `accept`. The caller holds the folder's lock. Errors: those of the stores."""
    log = await bootstrap.open_log(settings)
    helper = bootstrap.beside_for(settings)
    try:
        ends = Position(tuple(await log.ends(FACTS)))
        records = sum(ends.offsets) + len(ends.offsets)
        taken = {*accept, *await _poison_before(settings, log.partitions(FACTS))}
        if not bootstrap.embedded(settings):
            # What is on servers is emptied first, so that nothing may stand against it by then.
            tell("trying every event")
            poison = await _trial(log, ends, Projector(partial(project, base=settings.base), helper))
            if refused := [one for one in poison if one.event_id not in taken]:
                return Rebuilt(records, len(poison), refused)
        poison = list(await fill(settings, log, ends, tell, helper))
        refused = [one for one in poison if one.event_id not in taken]
        if not refused:
            _switch(settings)
        return Rebuilt(records, len(poison), refused)
    finally:
        for file in bootstrap.projection_files(settings):
            remove(beside(file))
        if helper is not None:
            helper.close()
        await log.close()


async def _trial(log: EventLog, ends: Position, projector: Projector) -> list[Poison]:
    """The events of the log that cannot be projected."""
    found: list[Poison] = []
    for partition, end in enumerate(ends.offsets):
        reader, after = PartitionReader(partition, PartitionPoint(0, 0)), -1
        while after < end and (records := await log.read(FACTS, partition, after, _RECORDS)):
            after = records[-1].offset
            found += projector.each(event for commit in reader.feed(records) for event in commit.events)[1]
    return found


async def _poison_before(settings: Settings, partitions: int) -> set[str]:
    """What the running projection has set aside; nothing if it cannot be asked."""
    try:
        index = await bootstrap.open_index(settings, partitions)
    except (Unavailable, BadInput):
        return set()
    try:
        return {one.event_id for one in await index.poison()}
    finally:
        await index.close()


async def fill(
    settings: Settings, log: EventLog, ends: Position, tell: Tell, helper: Beside | None, suffix: str = NEW
) -> Sequence[Poison]:
    """Fill new projections up to `ends`; what they set aside. `suffix` names embedded ones beside."""
    partitions = log.partitions(FACTS)
    for file in bootstrap.projection_files(settings):
        remove(beside(file, suffix))
    genealogy = await bootstrap.open_genealogy(settings, partitions, suffix=suffix)
    try:
        index = await bootstrap.open_index(settings, partitions, suffix=suffix)
        try:
            await bootstrap.empty_servers(settings, genealogy, index, partitions)
            function = partial(project, base=settings.base)
            runner = Runner(log, [genealogy, index], function, helper, in_step=True)
            await runner.start()
            try:
                await level(runner, ends, tell)
            finally:
                await runner.stop()
            return await index.poison()
        finally:
            await index.close()
    finally:
        await genealogy.close()


def _switch(settings: Settings) -> None:
    """Put the new files in the place of the old ones."""
    bootstrap.keep_refused_calls(settings, NEW)
    for file in bootstrap.projection_files(settings):
        remove(file)
        os.replace(beside(file), file)


async def level(runner: Runner, ends: Position, tell: Tell) -> None:
    while True:
        try:
            return await runner.wait_for(ends, ("genealogy", "index"), _TOLD_SECONDS)
        except Unavailable:
            tell(f"{(await runner.lag()).events} records to go")


def beside(file: Path, suffix: str = NEW) -> Path:
    """Where a new store is made while the old one stays."""
    return file.with_name(file.name + suffix)


def remove(file: Path) -> None:
    for end in ("", "-wal", "-shm"):
        file.with_name(file.name + end).unlink(missing_ok=True)


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
    keys = await bootstrap.open_keys(settings)
    try:
        (folder / KEYS).write_text(json.dumps(await keys.export(), indent=1), encoding="utf-8")
    finally:
        await keys.close()
    async with bootstrap.open_accounts(settings) as accounts:
        (folder / ACCOUNTS).write_text(json.dumps(await accounts.export(), indent=1), encoding="utf-8")
    async with bootstrap.open_subscriptions(settings) as subscriptions:
        told = await saved(subscriptions.database)
        (folder / SUBSCRIPTIONS).write_text(json.dumps(told, indent=1), encoding="utf-8")
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
    keys = await bootstrap.open_keys(settings)
    try:
        await keys.restore(json.loads((folder / KEYS).read_text(encoding="utf-8")))
    finally:
        await keys.close()
    # backups of before there were accounts or subscriptions have none
    if ACCOUNTS in manifest["sha256"]:
        async with bootstrap.open_accounts(settings) as accounts:
            await accounts.restore(json.loads((folder / ACCOUNTS).read_text(encoding="utf-8")))
    if SUBSCRIPTIONS in manifest["sha256"]:
        async with bootstrap.open_subscriptions(settings) as subscriptions:
            told = json.loads((folder / SUBSCRIPTIONS).read_text(encoding="utf-8"))
            await restored(subscriptions.database, told)
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


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
