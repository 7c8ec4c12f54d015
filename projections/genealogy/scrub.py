"""Reads every row of the embedded genealogy's file against the digests of the commits that wrote them.

One pass is one sight of the file, beside whoever writes it, in pieces between which it rests.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from projections.genealogy import tables
from projections.genealogy.digests import CHECKPOINT, TABLES, Digests, summed
from projections.scrubbing import Scrubbed

PIECE: Final = 500
"""Rows read at once: some 2 ms."""
_INDEXED: Final = ("quantity", "product")
"""Tables with an index beside, which SQLite's own check holds against the rows."""


def scrub(path: Path, rest: Callable[[float], None] = lambda _: None) -> Scrubbed:
    """One pass; `rest` is called after each piece with the seconds it took, and may raise `Ended`."""
    began = time.monotonic()
    rows = 0
    damaged: list[str] = []
    with closing(tables.connect(path, read_only=True)) as connection:
        # What SQLite's page cache holds was read from the file once and is not looked at again.
        connection.execute("PRAGMA cache_size=-2048")
        connection.execute("BEGIN")
        try:
            digests = _digests(connection)
        except (ValueError, sqlite3.DatabaseError):
            return Scrubbed(0, time.monotonic() - began, (CHECKPOINT,))
        for table, check in _checks(digests):
            try:
                count, good = check(connection, rest)
            except sqlite3.DatabaseError:
                count, good = 0, False
            rows += count
            damaged += [] if good else [table]
    return Scrubbed(rows, time.monotonic() - began, tuple(damaged))


_Check = Callable[[sqlite3.Connection, Callable[[float], None]], tuple[int, bool]]
"""How many rows were read, and whether they are as they were written."""


def _checks(digests: Digests) -> Iterator[tuple[str, _Check]]:
    for table in TABLES:
        yield table, lambda connection, rest, table=table: _table(connection, rest, table, digests)  # type: ignore[misc]
    yield "block", _blocks
    for table in _INDEXED:
        yield table, lambda connection, rest, table=table: _index(connection, table)  # type: ignore[misc]


def _digests(connection: sqlite3.Connection) -> Digests:
    """Errors: ValueError when they, or the checkpoint, are not as they were stored."""
    digests = Digests.read(tables.meta(connection, "digests"))
    if not digests.holds(tables.meta(connection, CHECKPOINT)):
        raise ValueError("the checkpoint is not as it was stored")
    return digests


def _table(
    connection: sqlite3.Connection, rest: Callable[[float], None], table: str, digests: Digests
) -> tuple[int, bool]:
    count = total = 0
    cursor = connection.execute(f"SELECT * FROM genealogy_{table}")
    while True:
        began = time.monotonic()
        some = cursor.fetchmany(PIECE)
        if not some:
            return count, (count, total) == digests.of(table)
        more, added = summed(some)
        count, total = count + more, total + added
        rest(time.monotonic() - began)


def _blocks(connection: sqlite3.Connection, rest: Callable[[float], None]) -> tuple[int, bool]:
    began, count = time.monotonic(), 0
    try:
        for _ in tables.blocks(connection):
            count += 1
            rest(time.monotonic() - began)
            began = time.monotonic()
    except ValueError:
        return count, False
    return count, True


def _index(connection: sqlite3.Connection, table: str) -> tuple[int, bool]:
    found = connection.execute(f"PRAGMA integrity_check(genealogy_{table})").fetchone()
    return 0, found == ("ok",)
