"""Starts, ends and shows Kafka, Neo4j and PostgreSQL on this machine, without Docker.

    python deploy/servers/servers.py up       start all three on fresh data; addresses in .servers.env
    python deploy/servers/servers.py down     end them and remove their data
    python deploy/servers/servers.py status   which of them run
    … start|stop|restart|kill NAME            one of them, on the data it has (kill is kill -9)

After `up`: `set -a; . ./.servers.env; set +a; stemma serve`.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    # The folder of a script comes first on the path and its `neo4j.py` would hide the driver.
    sys.path[0] = str(ROOT)

from deploy.servers.kafka import Kafka  # noqa: E402
from deploy.servers.neo4j import Neo4j  # noqa: E402
from deploy.servers.postgres import Postgres  # noqa: E402
from deploy.servers.process import Missing, NotStarted, Server, free_port  # noqa: E402

KINDS: Final[dict[str, type[Server]]] = {kind.name: kind for kind in (Kafka, Neo4j, Postgres)}
ENV_FILE: Final = ROOT / ".servers.env"
_FOLDER_LINE: Final = "# data: "
_STATE: Final = "servers.json"


def new_folder() -> Path:
    """A temporary folder that other users may pass through, since PostgreSQL may run as one."""
    folder = Path(tempfile.mkdtemp(prefix="stemma-servers-"))
    folder.chmod(0o755)
    return folder


def removed(folder: Path) -> None:
    """Remove a folder of `new_folder`."""
    shutil.rmtree(folder, ignore_errors=True)


def started(kind: str, folder: Path, *, brief: bool = False) -> Server:
    """A new server of this kind in a folder of its own under `folder`. Errors: `Missing`, `NotStarted`."""
    own = folder / kind
    own.mkdir()
    server = KINDS[kind](own, free_port(), brief=brief)
    server.prepare()
    server.start()
    return server


def up() -> None:
    """Start all three, or leave those that run as they are. Errors: `Missing`, `NotStarted`."""
    running = [server for server in known() if server.running()]
    if len(running) == len(KINDS):
        print(f"They run already. Addresses are in {ENV_FILE.name}.")
        return
    down()
    folder = new_folder()
    ENV_FILE.write_text(f"{_FOLDER_LINE}{folder}\n")
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(started, kind, folder) for kind in KINDS]
    servers = [one.result() for one in waiting if one.exception() is None]
    _save(folder, servers)
    faults = [fault for one in waiting if (fault := one.exception()) is not None]
    if faults:
        down()
        raise faults[0] if len(faults) == 1 else Missing("\n".join(map(str, faults)))
    ENV_FILE.touch(mode=0o600)
    ENV_FILE.chmod(0o600)
    ENV_FILE.write_text(_environment(folder, {server.name: server.url for server in servers}))
    print(f"Kafka, Neo4j and PostgreSQL run. Now: set -a; . ./{ENV_FILE.name}; set +a; stemma serve")


def down() -> None:
    """End those that run, and remove their data."""
    folder = _folder()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda server: server.stop(), known()))
    if folder is not None:
        removed(folder)
    ENV_FILE.unlink(missing_ok=True)


def status() -> None:
    """Print which of them run."""
    found = {server.name: server for server in known()}
    for kind in KINDS:
        server = found.get(kind)
        print(f"{kind:<10}{f'runs on port {server.port}' if server and server.running() else 'does not run'}")


def control(action: str, kind: str) -> None:
    """`start`, `stop`, `restart` or `kill` one server by name, on the data it has."""
    folder, servers = _folder(), known()
    server = next((one for one in servers if one.name == kind), None)
    if folder is None or server is None:
        raise Missing(f"there is no {kind} of ours: start all with `up`")
    if action == "start" and server.running():
        return
    {"start": server.start, "stop": server.stop, "restart": server.restart, "kill": server.kill}[action]()
    _save(folder, servers)


def known() -> list[Server]:
    """The servers of the last `up`, running or not."""
    folder = _folder()
    if folder is None:
        return []
    with suppress(FileNotFoundError):
        states = json.loads((folder / _STATE).read_text())
        return [KINDS[kind](folder / kind, state["port"], state["pid"]) for kind, state in states.items()]
    return []


def _folder() -> Path | None:
    if not ENV_FILE.exists():
        return None
    lines = [line for line in ENV_FILE.read_text().splitlines() if line.startswith(_FOLDER_LINE)]
    return Path(lines[0].removeprefix(_FOLDER_LINE)) if lines else None


def _save(folder: Path, servers: Iterable[Server]) -> None:
    states = {server.name: {"port": server.port, "pid": server.pid} for server in servers}
    (folder / _STATE).write_text(json.dumps(states))


def _environment(folder: Path, urls: dict[str, str]) -> str:
    return (
        f"{_FOLDER_LINE}{folder}\n"
        f"STEMMA_LOG_URL=kafka://{urls['kafka']}/stemma\n"
        f"STEMMA_GRAPH_URL={urls['neo4j']}\n"
        f"STEMMA_DATABASE_URL={urls['postgres']}\n"
    )


def main(arguments: list[str]) -> int:
    whole = {"up": up, "down": down, "status": status}
    try:
        match arguments:
            case [name] if name in whole:
                whole[name]()
            case [("start" | "stop" | "restart" | "kill") as action, kind] if kind in KINDS:
                control(action, kind)
            case _:
                print(__doc__)
                return 2
    except (Missing, NotStarted) as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
