"""PostgreSQL from the packages of the system: a cluster of its own with a password."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from deploy.servers.process import STOP_SECONDS, Missing, NotStarted, Server

_INSTALL: Final = "PostgreSQL (Debian: apt-get install postgresql; macOS: brew install postgresql)"
_PACKAGED: Final = Path("/usr/lib/postgresql")
_OWNER: Final = "stemma"


class Postgres(Server):
    """`url` is a SQLAlchemy URL of the database `postgres`. Run by root, the server belongs to the user postgres."""

    name = "postgres"
    ending = signal.SIGINT

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://{_OWNER}:{self._password}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """As for any server. After a `kill -9`, PostgreSQL wants the processes it left behind gone."""
        lock = self._data / "postmaster.pid"
        deadline = time.monotonic() + STOP_SECONDS
        while lock.exists() and _alive(int(lock.read_text().split()[0])) and time.monotonic() < deadline:
            time.sleep(0.1)
        super().start()

    def prepare(self) -> None:
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_hex(16))
        user = self.user()
        if user is not None:
            shutil.chown(self.folder, user)
            shutil.chown(self._password_file, user)
        initdb = [
            str(_bin("initdb")), "-D", str(self._data), "-U", _OWNER, f"--pwfile={self._password_file}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", *(("--no-sync",) if self.brief else ()),
        ]  # fmt: skip
        done = subprocess.run(initdb, user=user, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NotStarted(f"initdb failed:\n{done.stdout}{done.stderr}")

    def command(self) -> Sequence[str]:
        places = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        # a killed server loses nothing by it, a machine without power does
        unsynced = ["-c", "fsync=off"] if self.brief else []
        return [str(_bin("postgres")), "-D", str(self._data), "-p", str(self.port), *places, *unsynced]

    def answers(self) -> bool:
        ready = [str(_bin("pg_isready")), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0

    def user(self) -> str | None:
        if os.geteuid() != 0:
            return None
        try:
            return pwd.getpwnam("postgres").pw_name
        except KeyError:
            raise Missing(
                "PostgreSQL does not run as root and there is no user postgres: run as another user"
            ) from None

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _password_file(self) -> Path:
        return self.folder / "password"

    @property
    def _password(self) -> str:
        return self._password_file.read_text()


def _alive(pid: int) -> bool:
    """True until the process has been waited for by its parent: what PostgreSQL itself asks."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _bin(name: str) -> Path:
    """A program of PostgreSQL, of the newest version here. Errors: `Missing`."""

    def version(path: Path) -> tuple[int, ...]:
        return tuple(int(part) for part in path.parts[-3].split(".") if part.isdigit())

    packaged = sorted(_PACKAGED.glob(f"*/bin/{name}"), key=version)
    if packaged:
        return packaged[-1]
    found = shutil.which(name)
    if found is None:
        raise Missing(f"{name} is not here: install {_INSTALL}")
    return Path(found)
