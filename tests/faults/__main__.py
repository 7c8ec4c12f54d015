"""Runs one kind of fault for long; the suite runs a few rounds of each.

`kills` ends Stemma, embedded or (`--servers`) on servers started for the run; `servers` ends Kafka, Neo4j and
PostgreSQL in turn, or with `--brokers 3` the broker that leads; `power` cuts the power under the log at that many
instants.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from deploy.servers.servers import new_folder, removed
from tests.bench.served import fresh
from tests.faults.kills import kills
from tests.faults.power import cuts
from tests.faults.servers import KINDS, Own, server_kills

_REBUILT = "answers equal those of a clean rebuild"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("kind", choices=["kills", "servers", "power"])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0, help="begin no round of kills after these")
    parser.add_argument("--servers", action="store_true", help="kill Stemma on the three servers")
    parser.add_argument("--brokers", type=int, default=1, help="brokers of Kafka; of several only the leader is killed")
    given = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        {"kills": _kills, "servers": _servers, "power": _power}[given.kind](given, Path(folder))
    print(f"{time.monotonic() - started:.0f} s")


def _kills(given: argparse.Namespace, folder: Path) -> None:
    until = time.time() + given.seconds if given.seconds else 0
    with ExitStack() as stack:
        env = None
        if given.servers:
            data = new_folder()
            stack.callback(removed, data)
            own = Own(data, 1, stack)
            env = asyncio.run(fresh({name: own.url(name) for name in KINDS}))
        report = kills(folder, given.rounds, given.seed, env, until=until, tell=print)
    print(f"{sum(report.hits.values())} kills of seed {given.seed}: {report.moments()}")
    print(f"{report.acknowledged:,} acknowledged events, each once in log, graph and answer; {_REBUILT}")


def _servers(given: argparse.Namespace, folder: Path) -> None:
    count, told = server_kills(folder, given.rounds, given.seed, given.brokers, tell=print)
    for kind, one in told.items():
        print(
            f"{kind}: answers to captures {dict(one.statuses)}; level at most {one.level_after:.0f} s after its start"
        )
    print(f"{given.rounds} kills of seed {given.seed}: {count:,} acknowledged events, each once; {_REBUILT}")


def _power(given: argparse.Namespace, folder: Path) -> None:
    done = asyncio.run(cuts(folder, given.rounds, given.rounds, given.seed))
    print(f"{done} power cuts of seed {given.seed}: every acknowledged event is in the log")


if __name__ == "__main__":
    main()
