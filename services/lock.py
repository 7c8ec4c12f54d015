"""The data folder's lock: one process serves, rebuilds or restores a folder at a time.

`fcntl` locks end with their process, so a `kill -9` leaves none behind. The file tells who holds it and, while it
serves, at which address, which is how the command line finds the server on a folder.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from schemas.errors import Conflict

NAME: Final = "stemma.lock"
_TRIES: Final = 10


class FolderLock:
    """A held lock; `tell` says more about its holder."""

    def __init__(self, file: int, what: str) -> None:
        self._file = file
        self._what = what
        self.tell()

    def tell(self, **more: str) -> None:
        """Write who holds the lock, for others to read."""
        text = json.dumps({"pid": os.getpid(), "doing": self._what, **more}).encode()
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text, 0)


@contextmanager
def hold(folder: Path, what: str) -> Iterator[FolderLock]:
    """Make the folder if need be and hold its lock. Errors: `Conflict`, naming who holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if not _taken(file):
            other = holder(folder) or {}
            by = f"process {other['pid']} ({other['doing']})" if "pid" in other else "another process"
            raise Conflict(f"the data folder {folder} is in use by {by}: end it first, or use another folder")
        lock = FolderLock(file, what)
        yield lock
        os.ftruncate(file, 0)
    finally:
        os.close(file)


def _taken(file: int) -> bool:
    """Take the lock, trying for a moment: someone may just be reading who holds it."""
    for _ in range(_TRIES):
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.02)
    return False


def holder(folder: Path) -> dict[str, Any] | None:
    """Who holds the folder's lock now: `pid`, `doing`, and `url` while it serves; None if nobody does."""
    try:
        file = os.open(folder / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return _parsed(os.pread(file, 4096, 0))
        return None
    finally:
        os.close(file)


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
