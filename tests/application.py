"""The application in this process, embedded unless told otherwise, called as the machine's own user."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from fastapi import FastAPI

from services.clock import Clock, system_clock


@asynccontextmanager
async def serving(folder: Path, clock: Clock = system_clock, **settings: object) -> AsyncIterator[httpx.AsyncClient]:
    """The application on a folder, with these settings."""
    from services.app import create_app
    from services.settings import load_settings

    if "database_url" not in settings:
        lay_tables(folder)
    app = create_app(load_settings(data=folder, **settings), clock)
    async with app.router.lifespan_context(app), caller(app) as client:
        yield client


def caller(app: FastAPI, peer: str = "127.0.0.1", host: str = "localhost") -> httpx.AsyncClient:
    """A client of this application, which sees it come from `peer` for `host`."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(peer, 5))
    return httpx.AsyncClient(transport=transport, base_url=f"http://{host}", timeout=60)


def without_settings(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """No setting of whoever runs the tests counts, and what names no folder is written to this one."""
    from services.settings import Settings

    for name in Settings.model_fields:
        monkeypatch.delenv(f"STEMMA_{name.upper()}", raising=False)
    monkeypatch.chdir(folder)


def lay_tables(folder: Path) -> None:
    """Spare a fresh folder the making of the index's tables and the workbench's, which is half of opening it; tests
    with a real process begin in an empty folder."""
    if not folder.exists():
        folder.mkdir(parents=True)
        for name, file in _empty_tables().items():
            (folder / name).write_bytes(file)


@cache
def _empty_tables() -> dict[str, bytes]:
    from projections.index.database import Database
    from services.bootstrap import INDEX_FILE, WORKBENCH_FILE, open_workbench
    from services.settings import load_settings

    async def make(folder: Path) -> None:
        await (await Database.open(f"sqlite:///{folder / INDEX_FILE}")).close()
        async with open_workbench(load_settings(data=folder)):
            pass

    # in a thread, since a loop may be running in this one
    with TemporaryDirectory() as aside, ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, make(Path(aside))).result()
        return {name: (Path(aside) / name).read_bytes() for name in (INDEX_FILE, WORKBENCH_FILE)}
