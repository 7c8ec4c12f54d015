"""`stemma` forked from a process that has it loaded, which the suite starts some hundred times.

Loading takes two seconds of a processor and comes out the same each time: here it is done once for all tests of a
process, and what is forked runs the very module, as `python -m` does, with an environment, a folder and an output of
its own. What is measured, and what Chromium and some of the command line's tests run, is started as a user does.
"""

from __future__ import annotations

import asyncio
import io
import os
import random
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any, Final

import orjson

_MESSAGE: Final = 1 << 16
"""Bytes of one message, an environment whole among them."""
_POLL_SECONDS: Final = 0.01


class Forked:
    """What tests use of a `subprocess.Popen`, of a process that the loaded one forked."""

    def __init__(self, loaded: Loaded, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._loaded = loaded
        self._one = threading.Lock()

    def poll(self) -> int | None:
        with self._one:  # an end is told once
            if self.returncode is None:
                self.returncode = self._loaded.ask({"poll": self.pid})["returncode"]
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Errors: `subprocess.TimeoutExpired`."""
        ends = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if ends is not None and time.monotonic() > ends:
                raise subprocess.TimeoutExpired(f"stemma, forked as {self.pid}", timeout or 0)
            time.sleep(_POLL_SECONDS)
        return code

    def send_signal(self, how: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, how)


class Loaded:
    """The process that has everything loaded; it ends with the one that made it."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "tests.e2e.forking", str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=env)

    def begin(
        self, command: Sequence[str], env: Mapping[str, str], folder: Path, output: IO[bytes], errors: IO[bytes]
    ) -> Forked:
        """Run this command of the shape `python -m MODULE ARGUMENTS` with this environment in this folder."""
        asked = {"module": command[2], "arguments": command[3:], "env": dict(env), "folder": str(folder)}
        return Forked(self, self.ask(asked, [output.fileno(), errors.fileno()])["pid"])

    def run(
        self, command: Sequence[str], env: Mapping[str, str], folder: Path, seconds: float
    ) -> subprocess.CompletedProcess[str]:
        """The same to its end, with what it printed. Errors: `subprocess.TimeoutExpired`."""
        with TemporaryFile() as output, TemporaryFile() as errors:
            process = self.begin(command, env, folder, output, errors)
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                raise
            output.seek(0)
            errors.seek(0)
            told, faults = output.read().decode(), errors.read().decode()
        return subprocess.CompletedProcess(list(command), code, told, faults)

    def ask(self, message: Mapping[str, Any], files: Sequence[int] = ()) -> dict[str, Any]:
        with self._lock:
            socket.send_fds(self._ours, [orjson.dumps(message)], files)
            told = self._ours.recv(_MESSAGE)
        assert told, "the process that has stemma loaded is gone"
        answer: dict[str, Any] = orjson.loads(told)
        return answer


def _serve(ours: socket.socket) -> str | None:
    """Fork and tell until nobody asks. In a process that was forked, the module that it is to run."""
    while True:
        told, files, _, _ = socket.recv_fds(ours, _MESSAGE, 2)
        if not told:
            return None
        message = orjson.loads(told)
        if "poll" in message:
            answer: dict[str, int | None] = {"returncode": _polled(message["poll"])}
        else:
            pid = os.fork()
            if pid == 0:
                ours.close()
                _become(message, files)
                return str(message["module"])
            for file in files:
                os.close(file)
            answer = {"pid": pid}
        ours.send(orjson.dumps(answer))


def _polled(pid: int) -> int | None:
    """As `subprocess` has it: negative for a signal, None while it runs."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _become(message: Mapping[str, Any], files: Sequence[int]) -> None:
    for file, own in zip(files, (1, 2), strict=True):
        os.dup2(file, own)
        os.close(file)
    os.chdir(message["folder"])
    os.environ.clear()
    os.environ.update(message["env"])
    random.seed()
    sys.argv = [message["module"], *message["arguments"]]


def _load() -> None:
    import gc

    import uvicorn.lifespan.on
    import uvicorn.loops.auto
    import uvicorn.protocols.http.auto
    import uvicorn.protocols.websockets.auto

    from projections.trace.warm import warm
    from services.app import create_app, needs_by_operation
    from services.cli import serve
    from services.settings import Settings

    assert serve, uvicorn
    needs_by_operation(create_app(Settings()))  # works the routes out
    warm()
    with redirect_stdout(io.StringIO()):  # of its log
        asyncio.run(_serve_once())
    gc.collect()
    gc.freeze()


async def _serve_once() -> None:
    """Start and end in an empty folder, which loads the rest."""
    from tests.application import serving

    with TemporaryDirectory() as folder:
        async with serving(Path(folder) / "data") as client:
            (await client.get("/health/ready")).raise_for_status()


if __name__ == "__main__":
    _load()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal; who asks goes away then
    if module := _serve(socket.socket(fileno=int(sys.argv[1]))):
        signal.signal(signal.SIGINT, signal.default_int_handler)
        runpy.run_module(module, run_name="__main__", alter_sys=True)
