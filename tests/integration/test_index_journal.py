"""The journal of the embedded event index."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from projections.index import database
from projections.index.database import Database


async def test_a_journal_that_a_reader_let_grow_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "JOURNAL_BYTES", 1 << 20)
    opened = await Database.open(f"sqlite:///{tmp_path / 'index.sqlite'}")
    journal = tmp_path / "index.sqlite-wal"

    async def write(times: int) -> None:
        for _ in range(times):
            async with opened.writing() as connection:
                await connection.execute(text("PRAGMA wal_autocheckpoint=100"))
                await connection.execute(text("CREATE TABLE IF NOT EXISTS much (body BLOB)"))
                await connection.execute(text("INSERT INTO much VALUES (randomblob(100000))"))

    async with opened.reading() as connection:
        await connection.execute(text("SELECT count(*) FROM sqlite_master"))
        await write(40)
        assert journal.stat().st_size > 4_000_000
    await write(3)
    assert journal.stat().st_size <= 1 << 20
    await opened.close()
