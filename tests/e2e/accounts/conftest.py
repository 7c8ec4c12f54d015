"""The application in this process on a clock that tests set forward, called from the same machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import httpx
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from fastapi import FastAPI

from services.accounts import passwords
from services.app import create_app
from services.clock import system_clock
from services.settings import load_settings
from tests.application import caller, lay_tables

HOUR_US = 3_600_000_000
_LIGHT: Final = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""A password is meant to take long, a fifth of a second of a processor here, and these tests give a hundred of them."""


class Time:
    """A clock that tests set forward."""

    def __init__(self) -> None:
        self.ahead_us = 0

    def __call__(self) -> int:
        return system_clock() + self.ahead_us


@pytest.fixture
def time() -> Time:
    return Time()


@pytest_asyncio.fixture
async def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: Time) -> AsyncIterator[FastAPI]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(passwords, "_hasher", _LIGHT)
    lay_tables(tmp_path / "data")
    app = create_app(load_settings(data=tmp_path / "data"), time)
    async with app.router.lifespan_context(app):
        yield app


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(app) as client:
        yield client
