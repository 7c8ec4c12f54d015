"""`kill -9` of Stemma under load, again and again, at seeded moments: a third of them within a commit, a fold, a seal
or a rebuild, the others while it starts, in its first commits, or at any time.

Each round has a root lot of its own. When the server has started again, every acknowledged event of the round is in
the log, the graph and the answer, once. At the end the answers equal those of a clean rebuild, and `stemma verify`
finds the log whole.
"""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from tests.faults.moments import (
    DIED,
    OF_A_REBUILD,
    OF_A_REBUILD_ON_SERVERS,
    OF_A_SERVER,
    OF_A_SERVER_ON_SERVERS,
    DoomedServer,
    rebuilding,
)
from tests.integration.test_kill_embedded import activity, check, every_event, every_object, root_key, settle, verdict

WRITERS: Final = 4
_SETTLE_SECONDS: Final = 600.0
_START_SECONDS: Final = 1.0
_WAIT_SECONDS: Final = 20.0
_DYING_SECONDS: Final = 5.0
_PATIENCE: Final = 600.0
"""Seconds for a start: a long run may share its machine."""


@dataclass
class Written:
    """What the writers of one round sent and had acknowledged, lot to eventID."""

    root: str
    sent: list[str] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)


@dataclass
class Report:
    """How many events were acknowledged, and how many kills hit which moment."""

    acknowledged: int = 0
    hits: Counter[str] = field(default_factory=Counter)

    def moments(self) -> str:
        return ", ".join(f"{count} {moment}" for moment, count in self.hits.most_common())


class Load:
    """Writers of single activities and of lists, until the server is gone; one lot an activity."""

    def __init__(self, server: DoomedServer, written: Written) -> None:
        self._server, self._written = server, written
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._write, args=(n,)) for n in range(WRITERS)]

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        for thread in self._threads:
            thread.join()

    def _write(self, number: int) -> None:
        size = (1, 1, 5, 40)[number % 4]
        written = self._written
        with self._server.client() as client:
            for turn in range(10_000):
                lots = [f"{written.root}-{number}-{turn}-{n}" for n in range(size)]
                with self._lock:
                    written.sent.extend(lots)
                try:
                    answer = client.post("/api/v1/activities", json=[activity(lot, written.root) for lot in lots])
                except httpx.TransportError:
                    return
                if answer.status_code == 200:
                    with self._lock:
                        for lot, told in zip(lots, answer.json(), strict=True):
                            assert told["outcome"] in ("captured", "duplicate"), told
                            written.acknowledged[lot] = told["eventID"]


class Kills:
    """Rounds of kills on one data folder; `env` names other back ends, where a rebuild is rarer, since it is slow."""

    def __init__(self, folder: Path, seed: int, env: Mapping[str, str] | None = None) -> None:
        self.server = DoomedServer(folder / "data", dict(env or {}), forked=True, patience=_PATIENCE)
        self.report = Report()
        self._chance = random.Random(seed)
        self._rounds: list[Written] = []
        self._of_a_server = OF_A_SERVER_ON_SERVERS if env else OF_A_SERVER
        self._of_a_rebuild = OF_A_REBUILD_ON_SERVERS if env else OF_A_REBUILD
        self._rebuilds = 0.1 if env else 0.25

    def round(self, moment: str | None = None) -> None:
        """One life of the server, ended at this moment or a chosen one. It is checked at the beginning of the next, or
        by `finish`."""
        moment = moment or self._chosen()
        if moment in OF_A_SERVER:
            self.server.moment = (moment, self._chance.randint(1, 8), self._chance.getrandbits(32))
        self._started()
        written = Written(f"R{len(self._rounds)}")
        self._rounds.append(written)
        load = Load(self.server, written)
        load.begin()
        self.report.hits[self._ended(moment)] += 1
        load.end()

    def finish(self) -> Report:
        """Resolve what was unknown by sending it again, and hold everything against a clean rebuild."""
        self._started()
        with self.server.client() as client:
            for one in self._rounds[-20:]:
                for lot in one.sent[-50:]:
                    found = verdict(client.post("/api/v1/activities", json=activity(lot, one.root)))
                    assert one.acknowledged.setdefault(lot, found["eventID"]) == found["eventID"]
            settle(client, _SETTLE_SECONDS)
            before = self._everything(client)
        self.server.stop()
        assert self.server.stemma("verify", seconds=600).returncode == 0
        assert self.server.stemma("rebuild", seconds=3600).returncode == 0
        self.server.start()
        with self.server.client() as client:
            settle(client, _SETTLE_SECONDS)
            assert self._everything(client) == before, "a clean rebuild answers otherwise"
        self.server.stop()
        self.report.acknowledged = sum(len(one.acknowledged) for one in self._rounds)
        return self.report

    def _everything(self, client: httpx.Client) -> list[object]:
        """Every event, and what is reached from every root, after holding each against what was acknowledged."""
        found: list[object] = [sorted(str(event) for event in every_event(client))]
        for one in self._rounds:
            if one.acknowledged:
                check(client, one.acknowledged, set(one.sent), one.root)
                found.append(list(every_object(client, {"seeds": [{"object": root_key(one.root)}]})))
        return found

    def _started(self) -> None:
        """Start, which a server doomed to die may not outlive, and hold the last round against what it left."""
        try:
            self._started_and_checked()
        except (AssertionError, httpx.TransportError):
            if not self._died():
                raise
            self.report.hits["soon after the start"] += 1
            self.server.moment = None
            self._started_and_checked()

    def _died(self) -> bool:
        """Whether the server ended by its moment; its connections close a little before the kernel gives it up."""
        if self.server.process is None:
            return False
        with suppress(subprocess.TimeoutExpired):
            self.server.process.wait(_DYING_SECONDS)
        return self.server.process.poll() == DIED

    def _started_and_checked(self) -> None:
        self.server.start()
        with self.server.client() as client:
            settle(client, _SETTLE_SECONDS)
            if self._rounds and self._rounds[-1].acknowledged:
                last = self._rounds[-1]
                check(client, last.acknowledged, set(last.sent), last.root)

    def _chosen(self) -> str:
        """The moment of a round: a third within something, the rest at any time or in the start."""
        if self._chance.random() < 1 / 3:
            rebuild = self._chance.random() < self._rebuilds
            return self._chance.choice(self._of_a_rebuild if rebuild else self._of_a_server)
        return "start" if self._chance.random() < 0.2 else "any time"

    def _ended(self, moment: str) -> str:
        """End the server that is under load; what was hit."""
        chance, server = self._chance, self.server
        assert server.process is not None
        if server.moment is not None:
            server.moment = None
            with suppress(subprocess.TimeoutExpired):
                server.process.wait(_WAIT_SECONDS)
            died = server.process.poll() == DIED
            server.kill()
            return moment if died else "any time"
        time.sleep(chance.choice((chance.uniform(0.0, 0.05), chance.uniform(0.05, 0.6))))
        server.kill()
        if moment == "start":
            server.begin()
            with suppress(subprocess.TimeoutExpired):
                server.process.wait(chance.uniform(0, _START_SECONDS))
            server.kill()
        if moment in self._of_a_rebuild:
            process = rebuilding(server, moment, chance.getrandbits(32))
            assert process.wait(_SETTLE_SECONDS) in (DIED, 0), server.tail()
            return moment if process.returncode == DIED else "any time"
        return moment


def kills(
    folder: Path,
    rounds: int,
    seed: int,
    env: Mapping[str, str] | None = None,
    *,
    until: float = 0,
    tell: Callable[[str], None] | None = None,
) -> Report:
    """Rounds of kills and their check, none begun after `until` (of `time.time`), every tenth told.

    Errors: `AssertionError` with the round.
    """
    run = Kills(folder, seed, env)
    for number in range(rounds):
        if until and time.time() > until:
            break
        try:
            run.round()
        except BaseException as fault:
            fault.add_note(f"round {number} of seed {seed}")
            raise
        if tell and number % 10 == 9:
            tell(f"{number + 1}: {run.report.moments()}")
    return run.finish()
