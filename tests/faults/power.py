"""Power cuts under the SQLite log: of what was written only what was flushed is sure to survive.

A writer of the log runs under `strace`, which records what it writes, flushes, cuts and unlinks, and when it
acknowledges. From the record the files are made as a power cut may leave them at any instant: every flushed write, and
of the others a random choice in 512-byte sectors. The log opened on them must hold every event acknowledged by then.
"""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from events import sqlite_log
from events.port import FACTS, NewRecord
from events.sqlite_log import SqliteEventLog
from tests.e2e.conftest import clean_environment

SECTOR: Final = 512
_CALLS: Final = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,close"
_LINE: Final = re.compile(r"^(\d+) +(.*)$")
_UNFINISHED: Final = " <unfinished ...>"
_RESUMED: Final = re.compile(r"^<\.\.\. \w+ resumed>(.*)$")
_CALL: Final = re.compile(r"^(\w+)\((.*)\) += (-?\d+)")
_TEXT: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_STDOUT: Final = 1


@dataclass(frozen=True, slots=True)
class Call:
    """One finished call: its name, arguments after the file (offset last for a write), text, and what it returned."""

    name: str
    arguments: tuple[str, ...]
    text: bytes
    returned: int


def recorded(folder: Path, appends: int, seed: int) -> list[Call]:
    """What a writer of that many appends did, in the order in which its calls ended. Errors: CalledProcessError."""
    trace = folder / "trace"
    command = ["strace", "-f", "--seccomp-bpf", "-e", f"trace={_CALLS}", "-xx", "-s", "10000000", "-o", str(trace)]
    writer = [sys.executable, "-m", "tests.faults.power", str(folder / "log.sqlite"), str(appends), str(seed)]
    subprocess.run([*command, *writer], check=True, env=clean_environment(), capture_output=True)
    return list(_calls(trace.read_text().splitlines()))


def _calls(lines: Iterable[str]) -> Iterator[Call]:
    begun: dict[str, str] = {}
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            continue
        thread, text = found.groups()
        if text.endswith(_UNFINISHED):
            begun[thread] = text.removesuffix(_UNFINISHED)
            continue
        if resumed := _RESUMED.match(text):
            text = begun.pop(thread, "") + resumed.group(1)
        call = _CALL.match(text)
        if call is not None and int(call.group(3)) >= 0:
            texts = _TEXT.findall(call.group(2))
            rest = tuple(part.strip() for part in _TEXT.sub("", call.group(2)).split(","))
            yield Call(call.group(1), rest, _bytes(texts[0]) if texts else b"", int(call.group(3)))


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


@dataclass
class _File:
    """A file as it is for sure, and what was done to it since: writes at an offset, or a new length."""

    sure: bytearray = field(default_factory=bytearray)
    since: list[tuple[int, bytes | None]] = field(default_factory=list)

    def flush(self) -> None:
        for offset, data in self.since:
            _apply(self.sure, offset, data)
        self.since.clear()

    def left(self, chance: random.Random) -> bytes:
        """As a power cut may leave it."""
        found = bytearray(self.sure)
        for offset, data in self.since:
            if data is None:
                if chance.random() < 0.5:
                    _apply(found, offset, None)
                continue
            for start in range(0, len(data), SECTOR):
                if chance.random() < 0.5:
                    _apply(found, offset + start, data[start : start + SECTOR])
        return bytes(found)


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        content.extend(bytes(offset - len(content)))
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


class Disk:
    """The files of a folder as calls change them. Names are taken to be on disk as soon as they are made or removed:
    SQLite flushes the folder where that matters to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._open: dict[int, str] = {}
        self._files: dict[str, _File] = {}
        self.acknowledged = 0

    def do(self, call: Call) -> bool:
        """Apply a call; whether it was one of these files, or an acknowledgement."""
        number = int(call.arguments[0]) if call.arguments[0].isdigit() else -1
        if call.name == "openat":
            name = call.text.decode(errors="replace")
            self._open.pop(call.returned, None)
            if name.startswith(self._folder + "/") and not name.endswith("-shm"):
                self._open[call.returned] = name
                self._files.setdefault(name, _File())
            return False
        if call.name == "write" and number == _STDOUT:
            self.acknowledged += call.text.count(b"\n")
            return True
        if call.name == "unlink":
            return self._files.pop(call.text.decode(errors="replace"), None) is not None
        if number not in self._open:
            return False
        return self._change(call, number)

    def _change(self, call: Call, number: int) -> bool:
        file = self._files.get(self._open[number])
        if call.name == "close":
            del self._open[number]
        elif file is None:
            return False
        elif call.name == "pwrite64":
            file.since.append((int(call.arguments[-1]), call.text[: call.returned]))
        elif call.name == "ftruncate":
            file.since.append((int(call.arguments[-1]), None))
        elif call.name in ("fsync", "fdatasync"):
            file.flush()
        return True

    def leave(self, into: Path, chance: random.Random) -> None:
        """Put the files into a folder as a power cut may leave them."""
        for name, file in self._files.items():
            (into / Path(name).name).write_bytes(file.left(chance))


def payload(number: int, seed: int) -> bytes:
    """The bytes of an append's first record."""
    return f"{number}:".encode() + random.Random(seed + number).randbytes(300)


async def survived(path: Path) -> list[bytes]:
    """Every record of the log in order; empty where there is no log yet."""
    log = await SqliteEventLog.open(path)
    try:
        found: list[bytes] = []
        while records := await log.read(FACTS, 0, len(found) - 1, 1000):
            found += [record.raw for record in records]
        return found
    finally:
        await log.close()


def instants(calls: list[Call], folder: Path) -> list[int]:
    """The calls before which a cut can lose something: they touch the log's files, after the first acknowledgement."""
    disk, found = Disk(folder), []
    for number, call in enumerate(calls):
        acknowledged = disk.acknowledged
        if disk.do(call) and acknowledged:
            found.append(number)
    return found


async def cuts(folder: Path, appends: int, count: int, seed: int) -> int:
    """Cut the power at that many instants of one run, or at each if it has fewer; how many it were.

    Errors: AssertionError where an acknowledged event is missing or anything else is there.
    """
    (folder / "run").mkdir()
    calls = recorded(folder / "run", appends, seed)
    chance = random.Random(seed)
    possible = instants(calls, folder / "run")
    at = set(chance.sample(possible, min(count, len(possible))))
    disk = Disk(folder / "run")
    for number, call in enumerate(calls):
        if number in at:
            left = folder / f"cut-{number}"
            left.mkdir()
            disk.leave(left, chance)
            found = await survived(left / "log.sqlite")
            assert found == [payload(n, seed) for n in range(len(found))], f"cut at call {number} of seed {seed}"
            assert disk.acknowledged <= len(found) <= disk.acknowledged + 1, f"cut at call {number} of seed {seed}"
            shutil.rmtree(left)
        disk.do(call)
    assert disk.acknowledged == appends
    return len(at)


async def _write(path: Path, appends: int, seed: int) -> None:
    """Append, and tell each acknowledged append in a line of its own; the WAL is folded every few pages."""
    opened = sqlite_log._connect

    def connect(path: Path, *, read_only: bool = False) -> object:
        connection = opened(path, read_only=read_only)
        connection.execute("PRAGMA wal_autocheckpoint=20")
        return connection

    sqlite_log._connect = connect  # type: ignore[assignment]
    log = await SqliteEventLog.open(path)
    for number in range(appends):
        await log.append(FACTS, "k", [NewRecord(b"{}", payload(number, seed))])
        print(number, flush=True)
    await log.close()


if __name__ == "__main__":
    asyncio.run(_write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
