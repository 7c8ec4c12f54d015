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
        lay_index(folder)
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


def lay_index(folder: Path) -> None:
    """Spare a fresh folder the making of the index's tables, which is two fifths of opening it; tests with a real
    process begin in an empty folder."""
    from services.bootstrap import INDEX_FILE

    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / INDEX_FILE).write_bytes(_empty_index())


@cache
def _empty_index() -> bytes:
    from projections.index.database import Database

    async def make(file: Path) -> None:
        await (await Database.open(f"sqlite:///{file}")).close()

    # in a thread, since a loop may be running in this one
    with TemporaryDirectory() as aside, ThreadPoolExecutor(1) as thread:
        file = Path(aside) / "index"
        thread.submit(asyncio.run, make(file)).result()
        return file.read_bytes()
