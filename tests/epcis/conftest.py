"""The application in this process, embedded, called as the machine's own user; and on PostgreSQL where it is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio


@asynccontextmanager
async def serving(folder: Path, **settings: object) -> AsyncIterator[httpx.AsyncClient]:
    """The application on a folder, with these settings."""
    from services.app import create_app
    from services.settings import load_settings

    app = create_app(load_settings(data=folder, **settings))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as caller:
            yield caller


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from services.settings import Settings

    for name in Settings.model_fields:
        monkeypatch.delenv(f"STEMMA_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest_asyncio.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(tmp_path / "data") as caller:
        yield caller
