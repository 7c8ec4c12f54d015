"""`stemma rebuild`, `replay`, `verify`, `backup` and `restore`: keeping the log and what is made of it."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn

from events.port import FACTS
from events.replay import copy_log
from events.seals import Seal, VerifyReport, export_seals, import_seals
from events.seals import verify as check
from schemas.errors import BadInput
from schemas.times import Instant
from services.bootstrap import open_log, open_log_at
from services.cli.say import err, out, plainly, stop
from services.comparing import check_projections
from services.keeping import make_backup, restore_backup
from services.lock import hold
from services.rebuilding import rebuild_projections
from services.settings import load_settings, masked


def rebuild(
    accept: Annotated[
        list[str] | None, typer.Option(help="event that may be set aside though the running projection took it")
    ] = None,
) -> None:
    """Make the projections again from the log, beside the old ones, and switch when level. Server stopped."""
    with plainly():
        settings = load_settings()
        with hold(settings.folder, "rebuild"), _spin() as bar:
            task = bar.add_task("rebuilding")
            done = asyncio.run(rebuild_projections(settings, accept or [], partial(_tell, bar, task)))
        if done.refused:
            for poison in done.refused:
                err.print(f"{poison.event_id}: {poison.reason}")
            stop("not switched: these events were projected before; mend them, or name them with --accept")
        out.print(f"rebuilt from {done.records} records, {done.set_aside} events set aside")


def replay(
    to: Annotated[str, typer.Option(help="log to copy to: sqlite:///FILE or kafka://host:port[,…]/topic")],
) -> None:
    """Copy the log elsewhere, record by record with its stamps. May run while serving, and again to go on."""
    with plainly():
        count = asyncio.run(_replay(to))
        out.print(f"copied {count} records to {masked(to)}")


async def _replay(to: str) -> int:
    source = await open_log(load_settings(), read_only=True)
    try:
        target = await open_log_at(to, source.partitions(FACTS))
        try:
            with _spin() as bar:
                task = bar.add_task("copying", total=None)
                return await copy_log(source, target, lambda stream, n: bar.advance(task, n))
        finally:
            await target.close()
    finally:
        await source.close()


def backup(
    folder: Annotated[Path, typer.Argument(help="empty or missing folder for it")],
) -> None:
    """Copy the log and the keys into a folder, while serving or not."""
    with plainly():
        made = asyncio.run(make_backup(load_settings(), folder))
        out.print(f"backup of {made} records in {folder}")


def restore(
    folder: Annotated[Path, typer.Argument(help="folder that `stemma backup` made", exists=True)],
    until: Annotated[str | None, typer.Option(help="leave out what was recorded later (RFC 3339)")] = None,
) -> None:
    """Bring a backup into an empty log; the projections are made at the next start. Server stopped."""
    with plainly():
        settings = load_settings()
        until_us = None if until is None else Instant.parse(until, "--until").us
        with hold(settings.folder, "restore"):
            count = asyncio.run(restore_backup(settings, folder, until_us))
        out.print(f"restored {count} records from {folder}")


def verify(
    export: Annotated[Path | None, typer.Option(help="write the seals as JSON lines, to be kept elsewhere")] = None,
    against: Annotated[Path | None, typer.Option(help="check against seals that were exported before")] = None,
    projections: Annotated[
        bool, typer.Option("--projections", help="hold the embedded projections against the log too; server stopped")
    ] = False,
) -> None:
    """Check every record against the seals: what was altered, removed, inserted, and what no seal covers yet."""
    with plainly():
        if projections:
            _check_projections()
        kept = import_seals(_read(against)) if against is not None else None
        report, seals = asyncio.run(_verify(kept))
        if export is not None:
            export.write_text(seals, encoding="utf-8")
        for line in report.lines():
            out.print(line)
        if not report.whole:
            raise typer.Exit(1)


def _check_projections() -> None:
    settings = load_settings()
    with hold(settings.folder, "verify"), _spin() as bar:
        task = bar.add_task("making the projections beside")
        faults = asyncio.run(check_projections(settings, partial(_tell, bar, task)))
    for fault in faults:
        out.print(fault)
    if faults:
        raise typer.Exit(1)
    out.print("the projections are what the log makes of them")


async def _verify(kept: list[Seal] | None) -> tuple[VerifyReport, str]:
    log = await open_log(load_settings(), read_only=True)
    try:
        return await check(log, against=kept), await export_seals(log)
    finally:
        await log.close()


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise BadInput.field("--against", str(file), f"cannot be read: {fault}") from None


def _tell(bar: Progress, task: TaskID, done: int, total: int) -> None:
    bar.update(task, description=f"{total - done} records to go")


def _spin() -> Progress:
    return Progress(SpinnerColumn(), TextColumn("{task.description}"), console=err, transient=True)
