"""Neo4j 5 (LTS) with Bolt and authentication, started from its published jars by `Neo4jServer.java`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from deploy.servers.jars import BRIEFLY, compiling_java, fetched
from deploy.servers.process import Server, answers_on

VERSION: Final = "5.26.30"
COORDINATES: Final = (f"org.neo4j:neo4j:{VERSION}", f"org.neo4j:neo4j-bolt:{VERSION}")
_NATIVE_ACCESS_FROM: Final = 24
_OPENED: Final = ("java.base/java.nio", "java.base/java.io", "java.base/sun.nio.ch")


class Neo4j(Server):
    """`url` is `bolt://user:password@host:port`."""

    name = "neo4j"

    @property
    def url(self) -> str:
        return f"bolt://neo4j:{self._password}@127.0.0.1:{self.port}"

    def prepare(self) -> None:
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_hex(16))

    def command(self) -> Sequence[str]:
        path, major = compiling_java()
        lib = fetched(f"neo4j-{VERSION}", COORDINATES)
        opened = [f"--add-opens={package}=ALL-UNNAMED" for package in _OPENED]
        native = ["--enable-native-access=ALL-UNNAMED"] if major >= _NATIVE_ACCESS_FROM else []
        source = Path(__file__).with_name("Neo4jServer.java")
        sizes = ["-Xms512m", "-Xmx1g", *(BRIEFLY if self.brief else ())]
        return [path, *sizes, *opened, *native, "-cp", f"{lib}/*", str(source), f"{self.folder}/home", str(self.port)]

    def environment(self) -> Mapping[str, str]:
        return {"NEO4J_PASSWORD": self._password}

    def answers(self) -> bool:
        """Bolt listens before the password is set, so the program's own word counts too."""
        return answers_on(self.port) and self.log.read_text(errors="replace").splitlines()[-1:] == ["ready"]

    @property
    def _password_file(self) -> Path:
        return self.folder / "password"

    @property
    def _password(self) -> str:
        return self._password_file.read_text()
