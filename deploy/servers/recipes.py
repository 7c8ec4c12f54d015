"""How each of the three servers is started on a folder and a port, without Docker.

A recipe is made on an empty folder; `start` begins or goes on with the data there, on the same port, so that a test
may end the process with SIGKILL and start it again.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Final, Protocol

from deploy.servers.needs import HERE, Missing, jars, java, postgres_programs
from deploy.servers.process import alive, await_ready, end, free_port, is_ours, spawn

_OPENS: Final = ("java.nio", "java.io", "sun.nio.ch")


class Recipe(Protocol):
    """`url` is valid after `start`; `stop` with SIGKILL is the crash."""

    name: str
    pid: int | None

    @property
    def url(self) -> str: ...

    def start(self) -> None: ...

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> None: ...


class _Process:
    """What the recipes share: a folder for data, one process, its log."""

    name = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / self.name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        self.log = self.folder / "log.txt"
        self.port = free_port()
        self.pid: int | None = None

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> None:
        """End the process and wait for it; nothing happens if it has ended already."""
        if self.pid is not None and alive(self.pid) and is_ours(self.pid, self.folder):
            end(self.pid, sign=sign)
        self.pid = None

    def _said(self, text: str, since: int) -> bool:
        with self.log.open("rb") as log:
            log.seek(since)
            return text.encode() in log.read()


class Kafka(_Process):
    """One KRaft node that is broker and controller; `url` is host:port. Every message is flushed to disk."""

    name = "kafka"

    @property
    def url(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Errors: `Missing`."""
        program = [java(), f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}"]
        environment = {"CLASSPATH": f"{jars('kafka')}/*"}
        settings = self.folder / "server.properties"
        if not settings.exists():
            self._format(program, environment, settings)
        since = self.log.stat().st_size if self.log.exists() else 0
        command = [*program, "-Xms256m", "-Xmx512m", "kafka.Kafka", str(settings)]
        self.pid = spawn(command, self.log, environment=environment)
        await_ready(self.name, self.pid, self.log, lambda: self._said("Kafka Server started", since))

    def _format(self, program: list[str], environment: dict[str, str], settings: Path) -> None:
        text = _KAFKA.format(port=self.port, controller=free_port(), folder=self.folder / "data")
        draft = settings.with_suffix(".new")
        draft.write_text(text, encoding="utf-8")
        tool = [*program, "kafka.tools.StorageTool"]
        full = {**os.environ, **environment}
        cluster = subprocess.run([*tool, "random-uuid"], env=full, capture_output=True, text=True, check=False)
        identity = cluster.stdout.split()[-1] if cluster.stdout.split() else ""
        formatted = subprocess.run(
            [*tool, "format", "-t", identity, "-c", str(draft)], env=full, capture_output=True, text=True, check=False
        )
        if formatted.returncode != 0:
            raise Missing(f"kafka's storage could not be formatted: {formatted.stderr.strip()[-500:]}")
        draft.rename(settings)


_KAFKA: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={folder}
offsets.topic.replication.factor=1
share.coordinator.state.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.retention.ms=-1
log.flush.interval.messages=1
"""


class Neo4j(_Process):
    """Neo4j with Bolt and authentication; `url` holds user and password."""

    name = "neo4j"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._password = secrets.token_urlsafe(18)

    @property
    def url(self) -> str:
        return f"bolt://neo4j:{self._password}@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Errors: `Missing`."""
        opens = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENS]
        source = [str(HERE / "Neo4jServer.java"), str(self.folder), str(self.port)]
        memory = ["-Xms512m", "-Xmx2g", "-XX:+ExitOnOutOfMemoryError"]
        command = [java(compiler=True), *memory, *opens, "-cp", f"{jars('neo4j')}/*", *source]
        since = self.log.stat().st_size if self.log.exists() else 0
        self.pid = spawn(command, self.log, environment={"NEO4J_PASSWORD": self._password})
        await_ready(self.name, self.pid, self.log, lambda: self._said("ready", since))


class Postgres(_Process):
    """PostgreSQL with a generated password; `url` is SQLAlchemy's, without a database."""

    name = "postgres"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._password = secrets.token_urlsafe(18)
        self._user = _unprivileged()

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://stemma:{self._password}@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Errors: `Missing`."""
        programs = postgres_programs()
        data = self.folder / "data"
        if not data.exists():
            self._initialise(programs, data)
        options = ["-p", str(self.port), "-k", str(self.folder), "-c", "listen_addresses=127.0.0.1"]
        self.pid = spawn([str(programs / "postgres"), "-D", str(data), *options], self.log, user=self._user)
        ask = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        await_ready(self.name, self.pid, self.log, lambda: subprocess.run(ask, check=False).returncode == 0)

    def create(self, database: str) -> None:
        """Make a database. Errors: `CalledProcessError` if it exists."""
        command = [str(postgres_programs() / "createdb"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "stemma"]
        subprocess.run([*command, database], env={**os.environ, "PGPASSWORD": self._password}, check=True)

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> None:
        """SIGTERM would wait for clients to leave; SIGINT ends them."""
        super().stop(signal.SIGINT if sign is signal.SIGTERM else sign)

    def _initialise(self, programs: Path, data: Path) -> None:
        if self._user is not None:
            shutil.chown(self.folder, self._user)
        secret = self.folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self._password, encoding="utf-8")
        if self._user is not None:
            shutil.chown(secret, self._user)
        made = subprocess.run(
            [str(programs / "initdb"), "-D", str(data), "-U", "stemma", "--auth=scram-sha-256", "--encoding=UTF8",
             "--locale=C", f"--pwfile={secret}"],
            capture_output=True, text=True, check=False, user=self._user, cwd=self.folder,
        )  # fmt: skip
        secret.unlink()
        if made.returncode != 0:
            raise Missing(f"initdb failed: {made.stderr.strip()[-500:]}")


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: the user it then runs as."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


RECIPES: Final[dict[str, type[Kafka] | type[Neo4j] | type[Postgres]]] = {
    "kafka": Kafka,
    "neo4j": Neo4j,
    "postgres": Postgres,
}
