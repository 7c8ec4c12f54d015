"""A process of its own that projects events and writes the event index, so that what serves people is not held up.

Facts are a pure function of an event, and a batch is written behind the same fence whoever writes it, so it matters not
where that is done. The process is started when it is first wanted and ends with the pipe it reads from, also when its
parent is killed. If it cannot be had, or ends, the work is done in the calling process: slower, and the same.
"""

from __future__ import annotations

import marshal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any, Final, NamedTuple

import structlog

from events.reading import LoggedEvent
from projections.carried import carried_batch, carried_event, fact
from projections.port import Batch, Fact, Poison
from projections.processes import same_environment
from schemas.errors import Damaged, Fenced, StemmaError, Unavailable

FAULTS: Final[dict[str, type[StemmaError]]] = {one.__name__: one for one in (Fenced, Unavailable, Damaged)}
"""Errors of a store that are carried back as they are."""
_FORMAT: Final = 2
"""Of `marshal`: the last without references, whose bookkeeping costs more than it saves here."""
_LENGTH: Final = 8
_COMMAND: Final = (sys.executable, "-m", "projections.beside_worker")
_log = structlog.get_logger("stemma.beside")


class Target(NamedTuple):
    """An event index to be written: where it is, and of how many partitions."""

    url: str
    partitions: int


class IndexBeside:
    """`beside` as what writes one index."""

    def __init__(self, beside: Beside, target: Target) -> None:
        self._beside = beside
        self._target = target

    def write(self, batch: Batch) -> bool:
        """As `Beside.write`."""
        return self._beside.write(self._target, batch)

    def leave(self) -> None:
        """As `Beside.leave`."""
        self._beside.leave(self._target)


class Beside:
    """One such process. Its methods may be called from any thread; calls take turns. `close` ends it."""

    def __init__(self, base: str | None) -> None:
        self._base = base
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._gone = False

    def each(self, events: Sequence[LoggedEvent]) -> list[Fact | Poison] | None:
        """What each event amounts to, in order; None if the process cannot be asked, or not yet."""
        with self._lock:
            told = self._ask("project", [carried_event(one) for one in events])
        return None if told is None else [fact(one) for one in told]

    def write(self, target: Target, batch: Batch) -> bool:
        """Write a batch into the index; False if the process cannot be asked, or went away over it, so that the batch
        may or may not be written. Errors: `Fenced`, `Unavailable`, `Damaged` as of the index itself."""
        events = [event for commit in batch.commits for event in commit.events]
        with self._lock:
            told = self._ask("write", tuple(target), carried_batch(batch))
            if told == "unknown" and self._ask("project", [carried_event(one) for one in events]) is not None:
                # it has not seen some of these events: they were projected elsewhere, or long ago
                told = self._ask("write", tuple(target), carried_batch(batch))
        match told:
            case "written":
                return True
            case (str(kind), str(detail)):
                raise FAULTS[kind](detail)
            case _:
                return False

    def leave(self, target: Target) -> None:
        """Let go of an index, whose files may then be replaced."""
        with self._lock:
            if self._process is not None:
                self._ask("leave", tuple(target))

    def close(self) -> None:
        with self._lock:
            self._end()

    def _ask(self, *told: Any) -> Any:
        """The answer; None if there is none."""
        if self._gone:
            return None
        try:
            process = self._process or self._started()
            if not self._ready.is_set():
                return None
            assert process.stdin is not None
            assert process.stdout is not None
            send(process.stdin, told)
            return receive(process.stdout)
        except (OSError, EOFError, ValueError) as fault:
            _log.error("projecting in this process from now on", reason=str(fault))
            self._end()
            return None

    def _started(self) -> subprocess.Popen[bytes]:
        # A session of its own: what a terminal sends to end the service is the service's to hear.
        self._process = subprocess.Popen(
            [*_COMMAND, self._base or ""], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            env=same_environment(),
        )  # fmt: skip
        threading.Thread(target=self._greeted, args=(self._process,), name="beside", daemon=True).start()
        return self._process

    def _greeted(self, process: subprocess.Popen[bytes]) -> None:
        """It takes a moment to start, in which nobody waits for it."""
        assert process.stdout is not None
        with suppress(OSError, EOFError, ValueError):
            receive(process.stdout)
            self._ready.set()

    def _end(self) -> None:
        self._gone = True
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                assert pipe is not None
                pipe.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def send(pipe: IO[bytes], told: Any) -> None:
    """Write one message."""
    data = marshal.dumps(told, _FORMAT)
    pipe.write(len(data).to_bytes(_LENGTH, "big") + data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Read one message. Errors: `EOFError` when the other end is gone."""
    head = pipe.read(_LENGTH)
    data = pipe.read(int.from_bytes(head, "big")) if len(head) == _LENGTH else b""
    return marshal.loads(data)
