"""The embedded genealogy's SQLite file: names, events, records and the stored columns.

One writer. Every change of a commit and the checkpoint are one transaction (architecture rule 3); the mention columns
of a commit are one blob, so that opening reads a few large blobs and not a row per mention.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from projections.genealogy.columns import News
from projections.genealogy.port import Ints

_SCHEMA = """
CREATE TABLE IF NOT EXISTS genealogy_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS genealogy_name (text TEXT PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS genealogy_quantity (
    id INTEGER PRIMARY KEY, quantity TEXT NOT NULL, unit TEXT NOT NULL, UNIQUE (quantity, unit));
CREATE TABLE IF NOT EXISTS genealogy_event (row INTEGER PRIMARY KEY, event_id TEXT NOT NULL, finer TEXT);
CREATE TABLE IF NOT EXISTS genealogy_record (
    event_id TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL, declaration INTEGER NOT NULL,
    record_us INTEGER NOT NULL, content BLOB NOT NULL, source TEXT NOT NULL, may_correct INTEGER NOT NULL, row INTEGER,
    PRIMARY KEY (event_id, partition, offset)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS genealogy_force (
    row INTEGER PRIMARY KEY, record_us INTEGER NOT NULL, withdrawn_us INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS genealogy_block (
    number INTEGER PRIMARY KEY, events BLOB NOT NULL, mentions BLOB NOT NULL, kinds BLOB NOT NULL,
    products BLOB NOT NULL, lengths BLOB NOT NULL, texts BLOB NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS genealogy_product (code INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
"""
VERSION = 5
"""Of what is stored; a file of another version is emptied, and filled again from the log."""
_BLOCK = (np.int8, np.int32, np.int32, np.uint8)
RecordRow = tuple[str, int, int, int, int, bytes, str, int, int | None]
"""A row of `genealogy_record`; the last is the row of `genealogy_event` that was appended for it, if one was."""
_INTO_BLOCKS = "INSERT INTO genealogy_block VALUES"
_UNIT_MISSING = ""
_SMALL_BLOCK = 1 << 20
_TOGETHER = (256, 32, 4, 1)
"""Rows of one inserting statement; few sizes, so that the plans stay cached."""
MERGE_EVERY = 256
"""Commits between two merges of small blocks."""


JOURNAL_BYTES: Final = 128 * 2**20
"""Of the journal, what stays on the disk once it is read into the file; somewhat more than is gathered before that."""


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode; the caller begins and commits."""
    target = f"file:{path}?mode=ro" if read_only else str(path)
    connection = sqlite3.connect(target, uri=read_only, isolation_level=None, check_same_thread=False, timeout=30)
    connection.execute("PRAGMA cache_size=-65536")
    if not read_only:
        connection.execute("PRAGMA journal_mode=WAL")
        # What a power cut may take is read again from the log, since the checkpoint goes with it.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA wal_autocheckpoint=20000")
        # A long pass over the rows holds the journal open, which grows meanwhile; afterwards its room is given back.
        connection.execute(f"PRAGMA journal_size_limit={JOURNAL_BYTES}")
        _prepare(connection)
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    stored = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'genealogy_meta'").fetchone()
    if stored is not None and meta(connection, "version") != str(VERSION):
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            connection.execute(f"DROP TABLE {table}")
    connection.executescript(_SCHEMA)
    set_meta(connection, "version", str(VERSION))


def meta(connection: sqlite3.Connection, key: str) -> str | None:
    row = connection.execute("SELECT value FROM genealogy_meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def set_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO genealogy_meta VALUES (?, ?)", (key, value))


def add_block(connection: sqlite3.Connection, news: News) -> None:
    """Store a commit's columns."""
    columns = [column.tobytes() for column in news._replace(mentions=news.mentions.astype(np.int32))]
    connection.execute(f"{_INTO_BLOCKS} (NULL, ?, ?, ?, ?, ?, ?, ?)", (*columns, _checksum(columns)))


def _checksum(columns: Sequence[bytes]) -> int:
    """SQLite's own check does not see a bit that flipped within a value."""
    found = 0
    for column in columns:
        found = zlib.crc32(column, found)
    return found


def merge_blocks(connection: sqlite3.Connection) -> None:
    """Make one block of the small ones after the last large one, so that opening reads few rows."""
    rows = connection.execute(
        "SELECT * FROM genealogy_block WHERE number > "
        "(SELECT COALESCE(MAX(number), -1) FROM genealogy_block WHERE LENGTH(mentions) >= ?) ORDER BY number",
        (_SMALL_BLOCK,),
    ).fetchall()
    if len(rows) > 1:
        connection.execute("DELETE FROM genealogy_block WHERE number >= ?", (rows[0][0],))
        merged = [b"".join(column) for column in list(zip(*rows, strict=True))[1:-1]]
        connection.execute(f"{_INTO_BLOCKS} (?, ?, ?, ?, ?, ?, ?, ?)", (rows[0][0], *merged, _checksum(merged)))


def blocks(connection: sqlite3.Connection) -> Iterator[News]:
    """All stored columns, a block at a time. Errors: `ValueError` where one is not as it was written."""
    for number, *columns, checksum in connection.execute("SELECT * FROM genealogy_block ORDER BY number"):
        if _checksum(columns) != checksum:
            raise ValueError(f"block {number} is not as it was written")
        yield News(
            np.frombuffer(columns[0], np.int64).reshape(-1, 4),
            np.frombuffer(columns[1], np.int32).reshape(-1, 3),
            *(np.frombuffer(part, of) for part, of in zip(columns[2:], _BLOCK, strict=True)),
        )


def products(connection: sqlite3.Connection) -> list[str]:
    """Product classes by their codes."""
    return [row[0] for row in connection.execute("SELECT text FROM genealogy_product ORDER BY code")]


def chunked(values: Sequence[str] | Sequence[int], size: int = 500) -> Iterator[Sequence[str] | Sequence[int]]:
    """Slices short enough for one statement's parameters."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def insert(connection: sqlite3.Connection, into: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows (values in the order of the table's columns), many in one statement."""
    start = 0
    for size in _TOGETHER:
        while len(rows) - start >= size:
            row = f"({marks(rows[start])})"
            values = chain.from_iterable(rows[start : start + size])
            connection.execute(f"{into} VALUES {','.join([row] * size)}", tuple(values))
            start += size


def records(connection: sqlite3.Connection, event_ids: Sequence[str]) -> dict[str, dict[tuple[int, int], RecordRow]]:
    """All records of these eventIDs, by partition and offset."""
    found: dict[str, dict[tuple[int, int], RecordRow]] = {}
    for chunk in chunked(event_ids):
        for row in connection.execute(f"SELECT * FROM genealogy_record WHERE event_id IN ({marks(chunk)})", chunk):
            found.setdefault(row[0], {})[row[1], row[2]] = row
    return found


def quantity_row(connection: sqlite3.Connection, quantity: str, unit: str | None) -> tuple[tuple[int, str, str], bool]:
    """Row of a quantity in plain decimals with its unit, and whether it was added now."""
    key = (quantity, unit_text(unit))
    added = connection.execute("INSERT OR IGNORE INTO genealogy_quantity (quantity, unit) VALUES (?, ?)", key).rowcount
    found = connection.execute("SELECT id FROM genealogy_quantity WHERE quantity = ? AND unit = ?", key).fetchone()
    return (int(found[0]), *key), added > 0


def forces(connection: sqlite3.Connection, rows: Sequence[int]) -> list[tuple[int, int, int]]:
    """What is stored of these rows of events."""
    found: list[tuple[int, int, int]] = []
    for chunk in chunked(rows):
        found += connection.execute(f"SELECT * FROM genealogy_force WHERE row IN ({marks(chunk)})", chunk).fetchall()
    return found


def name_ids(connection: sqlite3.Connection, texts: Sequence[str]) -> dict[str, int]:
    """Ids of the texts that are known."""
    found: dict[str, int] = {}
    for chunk in chunked(texts):
        rows = connection.execute(f"SELECT text, id FROM genealogy_name WHERE text IN ({marks(chunk)})", chunk)
        found.update(rows.fetchall())
    return found


def by_id(connection: sqlite3.Connection, query: str, ids: Ints) -> dict[int, tuple[str, ...]]:
    """Rows of `query` (its first column the id, ending in `IN`) for each distinct id."""
    found: dict[int, tuple[str, ...]] = {}
    for chunk in chunked(np.unique(ids).tolist()):
        for row in connection.execute(f"{query} ({marks(chunk)})", chunk):
            found[row[0]] = row[1:]
    return found


def unit_text(unit: str | None) -> str:
    """SQLite's UNIQUE takes NULLs for different, so a missing unit is stored as an empty text."""
    return _UNIT_MISSING if unit is None else unit


def unit_of(text: str) -> str | None:
    return None if text == _UNIT_MISSING else text
