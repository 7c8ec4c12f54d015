"""A process of its own that projects events, so that what serves people is not held up by reading what was captured.

Facts are a pure function of an event, so it matters not where they are made. The process is started when it is first
wanted and ends with the pipe it reads from, also when its parent is killed. If it cannot be had, or ends, events are
projected in the calling thread: slower, and the same.
"""

from __future__ import annotations

import gc
import marshal
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import IO, Any, Final

import structlog

from events.reading import LoggedEvent
from projections.carried import carried_event, carried_fact, fact, logged_event
from projections.port import Fact, Poison

_FORMAT: Final = 2
"""Of `marshal`: the last without references, whose bookkeeping costs more than it saves here."""
_LENGTH: Final = 8
_COMMAND: Final = (sys.executable, "-m", "projections.beside")
_log = structlog.get_logger("stemma.beside")


class Beside:
    """One such process. `each` may be called from any thread; calls take turns. `close` ends it."""

    def __init__(self, base: str | None) -> None:
        self._base = base
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._gone = False

    def each(self, events: Sequence[LoggedEvent]) -> list[Fact | Poison] | None:
        """What each event amounts to, in order; None if the process cannot be asked, or not yet."""
        with self._lock:
            if self._gone:
                return None
            try:
                process = self._process or self._started()
                if not self._ready.is_set():
                    return None
                told = _asked(process, [carried_event(one) for one in events])
            except (OSError, EOFError, ValueError) as fault:
                _log.error("projecting in this process from now on", reason=str(fault))
                self._end()
                return None
        return [fact(one) for one in told]

    def close(self) -> None:
        with self._lock:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        # A session of its own: what a terminal sends to end the service is the service's to hear.
        self._process = subprocess.Popen(
            [*_COMMAND, self._base or ""], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )  # fmt: skip
        threading.Thread(target=self._greeted, args=(self._process,), name="beside", daemon=True).start()
        return self._process

    def _greeted(self, process: subprocess.Popen[bytes]) -> None:
        """It takes a moment to start, in which nobody waits for it."""
        assert process.stdout is not None
        with suppress(OSError, EOFError, ValueError):
            _read(process.stdout)
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


def _asked(process: subprocess.Popen[bytes], told: list[Any]) -> list[Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    _write(process.stdin, told)
    return _read(process.stdout)


def _write(pipe: IO[bytes], told: list[Any]) -> None:
    data = marshal.dumps(told, _FORMAT)
    pipe.write(len(data).to_bytes(_LENGTH, "big") + data)
    pipe.flush()


def _read(pipe: IO[bytes]) -> list[Any]:
    """Errors: `EOFError` when the other end is gone."""
    head = pipe.read(_LENGTH)
    data = pipe.read(int.from_bytes(head, "big")) if len(head) == _LENGTH else b""
    return marshal.loads(data)  # type: ignore[no-any-return]


def _serve(base: str | None) -> None:
    """Answer until the pipe ends."""
    from projections.projecting import project
    from projections.projector import projected

    function = partial(project, base=base)
    pipe, answers = sys.stdin.buffer, sys.stdout.buffer
    # Events and facts hold no cycles: looking for them would take a third of the time.
    gc.disable()
    with suppress(EOFError, BrokenPipeError):
        _write(answers, [])
        while True:
            events = [logged_event(one) for one in _read(pipe)]
            _write(answers, [carried_fact(projected(function, one)) for one in events])


if __name__ == "__main__":
    _serve(sys.argv[1] or None)
