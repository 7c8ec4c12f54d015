"""`python -m deploy.servers up|down|status`: the three servers on this machine, addresses in `.servers.env`.

`up` starts what is not running; `down` ends the processes by id and removes their data, which lies in a temporary
folder that `.servers.env` names.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from deploy.servers.needs import Missing
from deploy.servers.process import alive, end, is_ours
from deploy.servers.recipes import Kafka, Neo4j, Postgres

ENVIRONMENT: Final = Path(__file__).parents[2] / ".servers.env"
_FOLDER: Final = "# folder: "
_TOPIC: Final = "stemma"
_DATABASE: Final = "stemma"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.servers", description=__doc__)
    parser.add_argument("action", choices=["up", "down", "status"])
    action = parser.parse_args(arguments).action
    return {"up": up, "down": down, "status": status}[action]()


def up() -> int:
    """Start all three, or none: 0 when they run, 1 with what is missing."""
    running = _running()
    if running and all(running.values()):
        print(f"The servers are running; their addresses are in {ENVIRONMENT.name}.")
        return 0
    down()
    folder = Path(tempfile.mkdtemp(prefix="stemma-servers-"))
    folder.chmod(0o755)
    kafka, neo4j, postgres = servers = (Kafka(folder), Neo4j(folder), Postgres(folder))
    try:
        with ThreadPoolExecutor(len(servers)) as pool:
            for started in [pool.submit(server.start) for server in servers]:
                started.result()
        postgres.create(_DATABASE)
    except BaseException as fault:
        for server in servers:
            server.stop(signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
        if not isinstance(fault, Missing):
            raise
        print(fault, file=sys.stderr)
        return 1
    pids = {server.name: server.pid for server in servers}
    (folder / "servers.json").write_text(json.dumps(pids), encoding="utf-8")
    _write_environment(folder, kafka, neo4j, postgres)
    print(f"Kafka, Neo4j and PostgreSQL are running. To use them: set -a; . ./{ENVIRONMENT.name}; stemma serve")
    return 0


def down() -> int:
    """End what `.servers.env` tells of; 0 also when there was nothing."""
    folder = _folder()
    if folder is not None:
        for name, pid in _pids(folder).items():
            if alive(pid) and is_ours(pid, folder / name):
                end(pid, sign=signal.SIGINT if name == "postgres" else signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)
    ENVIRONMENT.unlink(missing_ok=True)
    return 0


def status() -> int:
    """Say which run; 0 when all three do."""
    running = _running()
    for name, runs in running.items():
        print(f"{name}: {'running' if runs else 'ended'}")
    if not running:
        print("No servers were started.")
    return 0 if running and all(running.values()) else 1


def _write_environment(folder: Path, kafka: Kafka, neo4j: Neo4j, postgres: Postgres) -> None:
    ENVIRONMENT.touch(mode=0o600)
    ENVIRONMENT.write_text(
        f"{_FOLDER}{folder}\n"
        f"STEMMA_LOG_URL='kafka://{kafka.url}/{_TOPIC}'\n"
        f"STEMMA_GRAPH_URL='{neo4j.url}'\n"
        f"STEMMA_DATABASE_URL='{postgres.url}/{_DATABASE}'\n",
        encoding="utf-8",
    )


def _folder() -> Path | None:
    lines = ENVIRONMENT.read_text(encoding="utf-8").splitlines() if ENVIRONMENT.exists() else []
    folder = next((Path(line.removeprefix(_FOLDER)) for line in lines if line.startswith(_FOLDER)), None)
    return folder if folder is not None and (folder / "servers.json").exists() else None


def _pids(folder: Path) -> dict[str, int]:
    found: dict[str, int] = json.loads((folder / "servers.json").read_text(encoding="utf-8"))
    return found


def _running() -> dict[str, bool]:
    folder = _folder()
    if folder is None:
        return {}
    return {name: alive(pid) and is_ours(pid, folder / name) for name, pid in _pids(folder).items()}


if __name__ == "__main__":
    sys.exit(main())
