"""`stemma doctor`: every setting and every server, each with what is wrong and the fix."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import typer

from events.port import FACTS
from schemas.errors import StemmaError
from services.accounts.store import AccountStore
from services.bootstrap import (
    LOG_FILE,
    embedded,
    open_genealogy,
    open_index,
    open_log,
    open_workbench,
    projection_files,
)
from services.cli.client import Client
from services.cli.say import out, plainly
from services.clock import system_clock
from services.keys.store import KeyStore
from services.lock import holder
from services.settings import Settings, load_settings

_SECONDS: Final = 20.0
_LEAST_FREE: Final = 1 << 30
"""Bytes free in the data folder below which to warn."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `fix` is None when it is well."""

    what: str
    found: str
    fix: str | None = None


def doctor() -> None:
    """Look at settings and servers. Exit code 1 if anything is wrong."""
    with plainly():
        settings = load_settings()
        for name, value in settings.shown().items():
            out.print(f"  STEMMA_{name.upper()} = {value}")
        findings = [*_of_folder(settings), *asyncio.run(_of_stores(settings)), _of_server(settings)]
    for finding in findings:
        out.print(f"{'ok   ' if finding.fix is None else 'WRONG'}  {finding.what}: {finding.found}")
        if finding.fix is not None:
            out.print(f"       fix: {finding.fix}")
    if any(finding.fix is not None for finding in findings):
        raise typer.Exit(1)


def _of_folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.folder
    if not folder.exists():
        parent = next(p for p in [folder, *folder.absolute().parents] if p.exists())
        fix = None if os.access(parent, os.W_OK) else f"let this user write to {parent}, or set STEMMA_DATA"
        yield Finding("data folder", f"{folder} will be made", fix)
        return
    fix = None if os.access(folder, os.W_OK) else f"let this user write to {folder}, or set STEMMA_DATA"
    yield Finding("data folder", str(folder), fix)
    free = shutil.disk_usage(folder).free
    low = "free some space: a log is never shortened" if free < _LEAST_FREE else None
    yield Finding("disk", f"{free / 1e9:.1f} GB free", low)
    yield from _of_secret_files(settings)


def _of_secret_files(settings: Settings) -> Iterator[Finding]:
    for name in ("log_password_file", "graph_password_file", "database_password_file", "first_key_file", "tls_key"):
        file: Path | None = getattr(settings, name)
        if file is None or (name == "first_key_file" and not file.exists()):
            continue
        open_to_all = file.exists() and file.stat().st_mode & 0o004
        wrong = not os.access(file, os.R_OK) or open_to_all
        fix = f"chmod 600 {file}, owned by the user that serves" if wrong else None
        yield Finding(f"STEMMA_{name.upper()}", str(file), fix)


async def _of_stores(settings: Settings) -> list[Finding]:
    async def ends(log: Any) -> str:
        return f"ends at {', '.join(map(str, await log.ends(FACTS)))}"

    async def reached(store: Any) -> str:
        point = await store.checkpoint()
        return f"has reached {', '.join(str(p.next - 1) for p in point.partitions)}"

    async def graph(store: Any) -> str:
        scrub = getattr(store, "scrub", None)
        rows = f", {(await asyncio.to_thread(scrub)).rows} rows as they were written" if scrub else ""
        return await reached(store) + rows

    missing = [file.name for file in projection_files(settings) if not file.exists()]
    findings = [Finding("projections", f"{' and '.join(missing)} will be made")] if missing else []
    if (settings.folder / LOG_FILE).exists() or not embedded(settings):
        findings += await _of_store("log", "STEMMA_LOG_URL", lambda: open_log(settings, read_only=True), ends)
        parts = await _partitions(settings)
        if parts is not None and not missing:
            findings += [
                *await _of_store("genealogy", "STEMMA_GRAPH_URL", lambda: open_genealogy(settings, parts), graph),
                *await _of_store("event index", "STEMMA_DATABASE_URL", lambda: open_index(settings, parts), reached),
            ]
    if settings.folder.exists():
        findings += await _of_workbench(settings)
    return findings


async def _of_workbench(settings: Settings) -> list[Finding]:
    async def ask() -> list[Finding]:
        async with open_workbench(settings) as workbench:
            keys = [one for one in await KeyStore(workbench, system_clock).all() if one.revoked_us is None]
            usable = [one for one in await AccountStore(workbench, system_clock).all() if one.usable]
        none = "no account: open the link that `stemma serve` prints"
        return [
            Finding("workbench", f"{len(keys)} good keys" if keys else "no key"),
            Finding("accounts", f"{len(usable)} in use" if usable else none),
        ]

    return await _answered("workbench", "STEMMA_DATABASE_URL", ask())


async def _partitions(settings: Settings) -> int | None:
    """How many partitions the log has; None if it does not answer."""
    try:
        log = await open_log(settings, read_only=True)
    except StemmaError:
        return None
    try:
        return log.partitions(FACTS)
    finally:
        await log.close()


async def _of_store(
    what: str, setting: str, opened: Callable[[], Awaitable[Any]], asked: Callable[[Any], Awaitable[str]]
) -> list[Finding]:
    async def ask() -> list[Finding]:
        store = await opened()
        try:
            return [Finding(what, await asked(store))]
        finally:
            await store.close()

    return await _answered(what, setting, ask())


async def _answered(what: str, setting: str, asking: Awaitable[list[Finding]]) -> list[Finding]:
    """What was found, or why it could not be asked."""
    try:
        async with asyncio.timeout(_SECONDS):
            return await asking
    except StemmaError as fault:
        return [Finding(what, fault.detail, fault.errors[0].fix if fault.errors else f"see {setting} and its server")]
    except TimeoutError:
        return [Finding(what, f"no answer in {_SECONDS:.0f} s", f"see {setting} and whether its server runs")]


def _of_server(settings: Settings) -> Finding:
    held = holder(settings.folder)
    if held is None and not settings.server:
        return Finding("server", "none runs on this folder")
    try:
        with Client(settings, timeout=_SECONDS) as client:
            ready = client.call("GET", "/health/ready").json()
            lag = f"{ready['lag_events']} events behind, {ready['not_projected']} not projected"
            return Finding("server", f"{client.server} is {ready['status']}, {lag}")
    except StemmaError as fault:
        return Finding("server", fault.detail, "see its log, or end it and run `stemma serve` again")
