"""The log in one SQLite file: one writing thread, group commit, `synchronous=FULL`, readers on their own connections.

All appends that wait are written in one transaction, so concurrent callers share one flush to disk. Offsets are counted
per stream and partition from 0 without gaps. Other processes may read the file at the same time (WAL).
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final, TypeVar

from events.port import ACCESS, FACTS, MAX_RECORD, REFUSED, SEALS, Appended, NewRecord, Record
from schemas.errors import BadInput, Damaged, OutcomeUnknown, StemmaError, TooLarge, Unavailable
from schemas.sentences import say

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS record (
  stream INTEGER NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
  stamp INTEGER NOT NULL, envelope BLOB NOT NULL, raw BLOB NOT NULL,
  PRIMARY KEY (stream, partition, offset)
) WITHOUT ROWID;
"""
_INSERT: Final = "INSERT INTO record VALUES "
_VALUES: Final = "(?, ?, ?, ?, ?, ?)"
_TOGETHER: Final = (128, 16, 1)
"""Rows of one statement; few sizes, so that the plans stay cached."""
_READ: Final = (
    "SELECT partition, offset, stamp, CAST(envelope AS BLOB), CAST(raw AS BLOB) FROM record "
    "WHERE stream = ? AND partition = ? AND offset > ? ORDER BY offset LIMIT ?"
)
_END: Final = "SELECT max(offset) FROM record WHERE stream = ? AND partition = ?"
NUMBERS: Final = {FACTS: 0, REFUSED: 2, SEALS: 3, ACCESS: 4}
"""What each stream is in the file, for ever; 1 was of a stream to which nothing was ever written."""
_POLL_SECONDS: Final = 0.1
_MOST_A_COMMIT: Final = 20_000
_T = TypeVar("_T")


@dataclass
class _Job:
    stream: str
    partition: int
    rows: list[tuple[int | None, bytes, bytes]]
    done: asyncio.Future[Appended]
    loop: asyncio.AbstractEventLoop


class SqliteEventLog:
    """`events.port.EventLog` on SQLite. Open with `SqliteEventLog.open`, close with `close`."""

    def __init__(self, path: Path, partitions: int, *, read_only: bool) -> None:
        self._path = path
        self._facts = partitions
        self._read_only = read_only
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._local = threading.local()
        self._connections: list[tuple[sqlite3.Connection, threading.Lock]] = []
        self._opening = threading.Lock()
        self._appended = asyncio.Event()
        self._own: dict[tuple[int, int], int] = {}
        """Ends of streams and partitions that this process has appended to."""
        self._closed = False
        self._writer: threading.Thread | None = None

    @classmethod
    async def open(cls, path: Path | str, *, partitions: int = 1, read_only: bool = False) -> SqliteEventLog:
        """Open or make the file. `partitions` counts only for a new one. Errors: `Unavailable`, `Damaged`."""
        return await asyncio.to_thread(cls._open, Path(path), partitions, read_only)

    @classmethod
    def _open(cls, path: Path, partitions: int, read_only: bool) -> SqliteEventLog:
        with _translated():
            if read_only:
                if not path.exists():
                    raise Unavailable(f"there is no log at {path}")
                connection = _connect(path, read_only=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                connection = _connect(path)
                connection.executescript(_SCHEMA)
                connection.execute("INSERT OR IGNORE INTO meta VALUES ('partitions', ?)", (str(partitions),))
            found = int(connection.execute("SELECT value FROM meta WHERE name = 'partitions'").fetchone()[0])
            log = cls(path, found, read_only=read_only)
            if read_only:
                connection.close()
                return log
        log._writer = threading.Thread(target=log._write, args=(connection,), name="log-writer", daemon=True)
        log._writer.start()
        return log

    def partitions(self, stream: str) -> int:
        return self._facts if stream == FACTS else 1

    async def append(self, stream: str, key: str, records: Sequence[NewRecord]) -> Appended:
        partition = zlib.crc32(key.encode()) % self.partitions(stream)
        return await self._append(stream, partition, [(None, bytes(r.envelope), bytes(r.raw)) for r in records])

    async def append_copy(self, stream: str, partition: int, records: Sequence[Record]) -> Appended:
        """Append records of another log with their stamps kept (replay)."""
        return await self._append(stream, partition, [(r.stamp, r.envelope, r.raw) for r in records])

    async def _append(self, stream: str, partition: int, rows: list[tuple[int | None, bytes, bytes]]) -> Appended:
        if self._closed or self._read_only:
            raise Unavailable("the log is closed" if self._closed else "the log is open for reading only")
        if not rows:
            raise BadInput("an append needs at least one record")
        if any(len(raw) > MAX_RECORD for _, _, raw in rows):
            raise TooLarge(say("a record is above {most} bytes", most=MAX_RECORD))
        loop = asyncio.get_running_loop()
        job = _Job(stream, partition, rows, loop.create_future(), loop)
        self._jobs.put(job)
        return await asyncio.shield(job.done)

    async def read(self, stream: str, partition: int, after: int, limit: int) -> Sequence[Record]:
        number = NUMBERS[stream]

        def rows(connection: sqlite3.Connection) -> list[Record]:
            return [Record(*row) for row in connection.execute(_READ, (number, partition, after, limit))]

        return await self._ask(rows)

    async def ends(self, stream: str) -> tuple[int, ...]:
        number = NUMBERS[stream]

        def found(connection: sqlite3.Connection) -> tuple[int, ...]:
            each = (connection.execute(_END, (number, p)).fetchone()[0] for p in range(self.partitions(stream)))
            return tuple(-1 if end is None else end for end in each)

        return await self._ask(found)

    async def wait(self, stream: str, after: Sequence[int], timeout: float) -> bool:  # noqa: ASYNC109
        deadline, looked = time.monotonic() + timeout, float("-inf")
        while True:
            appended = self._appended
            if any(self._own.get((NUMBERS[stream], p), -1) > known for p, known in enumerate(after)):
                return True
            # what another process appends is looked for now and then, however much this one does
            if time.monotonic() - looked >= _POLL_SECONDS:
                looked = time.monotonic()
                if any(end > known for end, known in zip(await self.ends(stream), after, strict=True)):
                    return True
            until = min(deadline, looked + _POLL_SECONDS)
            if time.monotonic() >= deadline:
                return False
            with suppress(TimeoutError):
                async with asyncio.timeout(max(until - time.monotonic(), 0)):
                    await appended.wait()

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        # Readers first: the last connection to go is the writer's, which folds the WAL into the file.
        await asyncio.to_thread(self._end_readers)
        self._jobs.put(None)
        if self._writer is not None:
            await asyncio.to_thread(self._writer.join)

    async def _ask(self, question: Callable[[sqlite3.Connection], _T]) -> _T:
        if self._closed:
            raise Unavailable("the log is closed")
        return await asyncio.to_thread(self._asked, question)

    def _asked(self, question: Callable[[sqlite3.Connection], _T]) -> _T:
        """In a thread that may go on when whoever asked has gone: a connection in use is not closed."""
        with _translated():
            if getattr(self._local, "reader", None) is None:
                with self._opening:
                    if self._closed:
                        raise Unavailable("the log is closed")
                    self._local.reader = _connect(self._path, read_only=True), threading.Lock()
                    self._connections.append(self._local.reader)
            connection, used = self._local.reader
            with used:
                if self._closed:
                    raise Unavailable("the log is closed")
                return question(connection)

    def _end_readers(self) -> None:
        with self._opening:
            for connection, used in self._connections:
                with used:
                    connection.close()

    def _write(self, connection: sqlite3.Connection) -> None:
        """The writing thread: one transaction for all that wait."""
        ends: dict[tuple[int, int], int] = {}
        while (job := self._jobs.get()) is not None:
            jobs = [job]
            size = len(job.rows)
            last = False
            while size < _MOST_A_COMMIT and not self._jobs.empty():
                more = self._jobs.get()
                if more is None:
                    last = True
                    break
                jobs.append(more)
                size += len(more.rows)
            self._commit(connection, jobs, ends)
            if last:
                break
        connection.close()

    def _commit(self, connection: sqlite3.Connection, jobs: list[_Job], ends: dict[tuple[int, int], int]) -> None:
        placed = dict(ends)
        try:
            with _translated(writing=True):
                connection.execute("BEGIN IMMEDIATE")
                answers = [_place(connection, job, placed) for job in jobs]
                connection.execute("COMMIT")
        except StemmaError as fault:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            ends.clear()
            for job in jobs:
                job.loop.call_soon_threadsafe(_fail, job.done, fault)
            return
        ends.update(placed)
        self._own = placed
        for job, answer in zip(jobs, answers, strict=True):
            job.loop.call_soon_threadsafe(_answer, job.done, answer)
        jobs[0].loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        told, self._appended = self._appended, asyncio.Event()
        told.set()


def _place(connection: sqlite3.Connection, job: _Job, ends: dict[tuple[int, int], int]) -> Appended:
    number = NUMBERS[job.stream]
    place = (number, job.partition)
    if place not in ends:
        found = connection.execute(_END, place).fetchone()[0]
        ends[place] = -1 if found is None else found
    first = ends[place] + 1
    now = time.time_ns() // 1000
    rows = [
        (number, job.partition, first + i, now if stamp is None else stamp, envelope, raw)
        for i, (stamp, envelope, raw) in enumerate(job.rows)
    ]
    start = 0
    for size in _TOGETHER:
        while len(rows) - start >= size:
            some = chain.from_iterable(rows[start : start + size])
            connection.execute(f"{_INSERT}{', '.join([_VALUES] * size)}", tuple(some))
            start += size
    ends[place] = first + len(rows) - 1
    return Appended(job.partition, first, ends[place])


def _answer(done: asyncio.Future[Appended], answer: Appended) -> None:
    if not done.done():
        done.set_result(answer)


def _fail(done: asyncio.Future[Appended], fault: StemmaError) -> None:
    if not done.done():
        done.set_exception(fault)


def _connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    mode = "ro" if read_only else "rwc"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False, timeout=10
    )
    if not read_only:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=20000")
    return connection


@contextmanager
def _translated(*, writing: bool = False) -> Iterator[None]:
    """SQLite's errors as ours; a failing COMMIT of unknown outcome only where the disk itself fails."""
    try:
        yield
    except sqlite3.DatabaseError as fault:
        code = getattr(fault, "sqlite_errorname", "") or ""
        if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            raise Damaged(say("the log's file is damaged: {reason}", reason=fault)) from fault
        if writing and code.startswith("SQLITE_IOERR"):
            raise OutcomeUnknown(say("the log's disk failed: {reason}", reason=fault)) from fault
        raise Unavailable(say("the log does not answer: {reason}", reason=fault)) from fault
