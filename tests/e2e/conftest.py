"""A real `stemma serve` on a free port with its own data folder, and the same application in this process."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.application import serving, without_settings
from tests.e2e.forking import Forked, Loaded

ROOT = Path(__file__).parents[2]
START_SECONDS = 300.0
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""What a client of plain http verifies by; reading all authorities takes each client forty milliseconds."""
Process = subprocess.Popen[bytes] | Forked


def clean_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This environment without any setting of Stemma, plus `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STEMMA_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **(more or {})}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@cache
def _loaded() -> Loaded:
    return Loaded(clean_environment())


@dataclass
class Server:
    """A `stemma serve` process. `data` outlives it, so it can be ended or killed and started again."""

    data: Path
    env: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: Process | None = None
    forked: bool = False
    """Whether it begins in a process that has Stemma loaded already, as most tests do."""
    patience: float = START_SECONDS
    """Seconds in which it must answer after its start."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.data.parent / f"{self.data.name}.log"

    def environment(self) -> dict[str, str]:
        """What the process, and a command line beside it, run with. It waits long for its projections: a Neo4j that
        has just started plans each statement for the first time, beside whatever else the machine runs."""
        own = {"STEMMA_DATA": str(self.data), "STEMMA_LISTEN": f"127.0.0.1:{self.port}"}
        return clean_environment({**own, "STEMMA_WAIT_SECONDS": "50", **self.env})

    def command(self) -> list[str]:
        return [sys.executable, "-m", "services.cli", "serve", *self.arguments]

    def begin(self) -> None:
        """Start it and do not wait."""
        self.process = self.begun(self.command())

    def begun(self, command: Sequence[str]) -> Process:
        """A process of this command on the same settings, whose output goes into the log."""
        env, folder = self.environment(), self.data.parent
        with self.log.open("ab") as sink:
            if self.forked:
                return _loaded().begin(command, env, folder, sink, sink)
            return subprocess.Popen(command, env=env, cwd=folder, stdout=sink, stderr=sink)

    def start(self) -> Server:
        """Start and wait until it answers."""
        self.begin()
        assert self.process is not None
        deadline = time.monotonic() + self.patience
        with self.client(timeout=5.0) as client:
            while time.monotonic() < deadline:
                if self.process.poll() is not None:
                    raise AssertionError(f"stemma serve ended with {self.process.returncode}:\n{self.tail()}")
                try:
                    client.get("/health/live")
                    return self
                except httpx.TransportError:
                    time.sleep(0.02)
        raise AssertionError(f"stemma serve did not answer in {self.patience} s:\n{self.tail()}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process by its id and wait for it."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)

    def kill(self) -> None:
        """A real `kill -9`."""
        self.stop(signal.SIGKILL)

    def lines(self) -> list[dict[str, object]]:
        """Its log lines."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def tail(self) -> str:
        return self.log.read_text()[-4000:] if self.log.exists() else ""

    def client(self, key: str | None = None, timeout: float = 60.0) -> httpx.Client:
        """A client of this server; close it, or use it in `with`."""
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=timeout, trust_env=False, verify=NO_AUTHORITIES)

    def stemma(
        self, *arguments: str, check: bool = True, seconds: float = 120, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the command line on the same settings."""
        whole, folder = {**self.environment(), **env}, self.data.parent
        command = [sys.executable, "-m", "services.cli", *arguments]
        if self.forked:
            done = _loaded().run(command, whole, folder, seconds)
        else:
            done = subprocess.run(
                command, env=whole, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False
            )
        assert not check or done.returncode == 0, f"stemma {arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers with settings of their own; all are ended after the test."""
    made: list[Server] = []

    def make(*arguments: str, name: str = "data", **env: str) -> Server:
        server = Server(tmp_path / name, env, arguments, forked=True)
        made.append(server)
        return server.start()

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """One embedded server without keys on an empty data folder."""
    return make_server()


@pytest.fixture(scope="module")
def module_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One embedded server without keys, shared by the tests of a module."""
    one = Server(tmp_path_factory.mktemp("served") / "data", forked=True).start()
    yield one
    one.stop()


@pytest_asyncio.fixture
async def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """The application in this process, embedded in a fresh folder, called as the machine's own user."""
    without_settings(monkeypatch, tmp_path)
    async with serving(tmp_path / "data") as caller:
        yield caller
