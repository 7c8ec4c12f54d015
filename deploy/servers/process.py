"""One server process with a data folder of its own: started, awaited, ended, killed and started again on its data.

The process leads a session of its own and writes to a log file, so it outlives the program that started it. It is
ended by its id alone, after making sure that the id is still that process's.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

START_SECONDS = 600.0
"""A server that has ended is noticed at once; one that only takes long may share its machine with many."""
STOP_SECONDS = 30.0


class Missing(Exception):
    """A program that is needed is not on this machine; the text says what to install."""


class NotStarted(Exception):
    """A server ended or did not answer in time; the text holds the end of its log."""


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def program(name: str, install: str) -> str:
    """Path of a program. Errors: `Missing`."""
    found = shutil.which(name)
    if found is None:
        raise Missing(f"{name} is not here: install {install}")
    return found


class Server(ABC):
    """One server. `url` is what a client is given; it holds the password, if any.

    A `brief` one is to live for minutes, as for tests: it starts sooner, under long load it would be slower, and what
    it writes need not outlive the machine.
    """

    name: ClassVar[str]
    ending: ClassVar[signal.Signals] = signal.SIGTERM
    """What asks it to end in order, without waiting for its clients."""

    def __init__(self, folder: Path, port: int, pid: int | None = None, *, brief: bool = False) -> None:
        self.folder, self.port, self.pid, self.brief = folder, port, pid, brief
        self._child: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str: ...

    @abstractmethod
    def prepare(self) -> None:
        """Make the data folder's contents, once. Errors: `Missing`, `NotStarted`."""

    @abstractmethod
    def command(self) -> Sequence[str]: ...

    @abstractmethod
    def answers(self) -> bool: ...

    def environment(self) -> Mapping[str, str]:
        return {}

    def user(self) -> str | None:
        """The user to run as, None for the one who starts it."""
        return None

    @property
    def log(self) -> Path:
        """What it says since it was last started; `server.before` is what it said the time before."""
        return self.folder / "server.log"

    def start(self) -> None:
        """Start on the data folder and wait until it answers. Errors: `Missing`, `NotStarted`."""
        if self.log.exists():
            self.log.rename(self.log.with_suffix(".before"))
        with self.log.open("wb") as sink:
            self._child = subprocess.Popen(
                self.command(), env={**os.environ, **self.environment()}, cwd=self.folder, user=self.user(),
                stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True,
            )  # fmt: skip
        self.pid = self._child.pid
        try:
            self._await()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End it in order; after `STOP_SECONDS` by force. Nothing happens when it does not run."""
        self._signal(self.ending)
        if not self._gone(STOP_SECONDS):
            self.kill()

    def kill(self) -> None:
        """`kill -9` for it and its children."""
        self._signal(signal.SIGKILL, group=True)
        self._gone(STOP_SECONDS)

    def restart(self) -> None:
        """End it in order and start it on the same data and port."""
        self.stop()
        self.start()

    def running(self) -> bool:
        """True while the process with our id is ours."""
        if self._child is not None:
            return self._child.poll() is None
        return self.pid is not None and str(self.folder) in _command_line(self.pid)

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if not self.running():
                raise NotStarted(f"{self.name} ended:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise NotStarted(f"{self.name} did not answer in {START_SECONDS:.0f} s:\n{self.tail()}")
            time.sleep(0.1)

    def _signal(self, how: signal.Signals, *, group: bool = False) -> None:
        if self.pid is not None and self.running():
            with suppress(ProcessLookupError):
                (os.killpg if group else os.kill)(self.pid, how)

    def _gone(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.running():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def _command_line(pid: int) -> str:
    """The command line of a process; empty when it has ended."""
    entry = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self/cmdline").exists():
        with suppress(OSError):
            return entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    asked = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return asked.stdout


def answers_on(port: int) -> bool:
    """True when something accepts connections on this port of 127.0.0.1."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    return False
