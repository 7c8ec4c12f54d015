"""A steady load over HTTP, 500 events a second from 50 sources with recalls beside it, and twice what can be taken.

Each source sends a document of its events every second by the clock and waits for the answer, so that a service that is
too slow shows as documents sent late. `--full` takes an hour and a minute, `--seconds` what it says.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import httpx

from tests.bench.load import container, document, documents, events
from tests.bench.served import LD_JSON, Plan, served
from tests.e2e.conftest import Server
from tests.integration.test_kill_embedded import every_event, settle

RATE: Final = 500
SOURCES: Final = 50
CALLERS: Final = 32
_PACK: Final = 100
"""Events of one document of an overload."""
_LEVEL_SECONDS: Final = 600.0


@dataclass
class Told:
    """What a load was answered. `late` is the most seconds that a document was sent after its time, `waited` the
    seconds of each recall, `lag` and `memory` (anonymous bytes) what was seen each second."""

    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged: int = 0
    late: float = 0.0
    waited: list[float] = field(default_factory=list)
    lag: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def capture(self, status: int, events: int, late: float = 0.0) -> None:
        with self._lock:
            self.statuses[status] += 1
            self.acknowledged += events if status < 300 else 0
            self.late = max(self.late, late)

    @property
    def errors(self) -> int:
        """Answers that are neither success nor the word to come again."""
        return sum(count for status, count in self.statuses.items() if status >= 300 and status not in (429, 503))

    def line(self) -> str:
        recalls = sorted(self.waited) or [0.0]
        quarter = max(1, len(self.memory) // 4)
        first, last = max(self.memory[:quarter], default=0), max(self.memory[-quarter:], default=0)
        middle, slow = recalls[len(recalls) // 2], recalls[int(len(recalls) * 0.99)]
        parts = (
            f"{self.acknowledged:,} events acknowledged, answers {dict(self.statuses)}, {self.errors} errors",
            f"documents at most {self.late:.1f} s late, lag at most {max(self.lag, default=0):.1f} s",
            f"{len(self.waited)} recalls, p50 {middle * 1000:.0f} ms, p99 {slow * 1000:.0f} ms",
            f"memory {first / 1e6:.0f} MB in the first quarter, {last / 1e6:.0f} MB in the last",
        )
        return "; ".join(parts)


def bench(plan: Plan) -> None:
    """Print what each back end made of the steady load, and of twice what it can take."""
    seconds = plan.seconds or (3600 if plan.full else 20)
    for back_end in plan.back_ends:
        with served(plan, back_end) as server:
            told = steady(server, seconds, RATE, SOURCES)
            print(
                f"{back_end:>9}: {RATE} events/s for {seconds:.0f} s from {SOURCES} sources: {told.line()}", flush=True
            )
            capacity, offered, took = overload(server, min(seconds, 60))
            print(
                f"{back_end:>9}: capacity {capacity:,.0f} events/s; twice that offered: {offered.line()}; level after "
                f"{took:.0f} s, every acknowledged event there once",
                flush=True,
            )


def steady(server: Server, seconds: float, rate: int, sources: int) -> Told:
    """Keep up the load for that long. Errors: AssertionError where an acknowledged event is not there, or twice."""
    told, ends = Told(), time.monotonic() + seconds
    size, count = rate // sources, int(seconds)
    work: list[Callable[[], None]] = [
        lambda n=n: _source(server, told, n, size, count)  # type: ignore[misc]
        for n in range(sources)
    ]
    _together([*work, lambda: _recalls(server, told, ends), lambda: _watch(server, told, ends)])
    _count(server, told.acknowledged)
    return told


def overload(server: Server, seconds: float) -> tuple[float, Told, float]:
    """Events a second that can be taken, what twice that was answered, and seconds until all was level again."""
    with server.client() as client:
        before = sum(1 for _ in every_event(client))
    trial = Told()
    ends = time.monotonic() + seconds / 2
    _together([lambda n=n: _flood(server, trial, ends, 1000 + n, 0.0) for n in range(CALLERS // 4)])  # type: ignore[misc]
    capacity = trial.acknowledged / (seconds / 2)
    told, ends = Told(), time.monotonic() + seconds
    pause = _PACK * CALLERS / max(2 * capacity, 1)
    work = [lambda n=n: _flood(server, told, ends, 2000 + n, pause) for n in range(CALLERS)]  # type: ignore[misc]
    _together([*work, lambda: _watch(server, told, ends)])
    began = time.monotonic()
    _count(server, before + trial.acknowledged + told.acknowledged)
    return capacity, told, time.monotonic() - began


def _source(server: Server, told: Told, number: int, size: int, count: int) -> None:
    """Send `count` documents of `size` events, one a second."""
    stream = events(size * count, seed=number + 1)
    with server.client(timeout=120) as client:
        began = time.monotonic()
        for second in range(count):
            body = document(islice(stream, size))
            due = began + second + number / SOURCES
            time.sleep(max(0.0, due - time.monotonic()))
            late = time.monotonic() - due
            told.capture(_sent(client, body, f"line-{number}"), size, late)


def _flood(server: Server, told: Told, ends: float, seed: int, pause: float) -> None:
    """Documents one after the other, begun at least `pause` apart."""
    with server.client(timeout=120) as client:
        turn = 0
        while time.monotonic() < ends:
            began = time.monotonic()
            (body,) = documents(_PACK, _PACK, seed=seed * 10_000 + turn)
            told.capture(_sent(client, body, f"line-{seed}"), _PACK)
            turn += 1
            time.sleep(max(0.0, pause - (time.monotonic() - began)))


def _sent(client: httpx.Client, body: bytes, source: str) -> int:
    """The status; what is refused for now is sent again when it says."""
    headers = {"content-type": LD_JSON, "stemma-source": source}
    answer = client.post("/epcis/v2/capture", content=body, headers=headers)
    if answer.status_code in (429, 503):
        assert "retry-after" in answer.headers
        time.sleep(min(float(answer.headers["retry-after"]), 5.0))
    return answer.status_code


def _recalls(server: Server, told: Told, ends: float) -> None:
    with server.client(timeout=120) as client:
        number = 0
        while time.monotonic() < ends:
            began = time.monotonic()
            path = ("impact", "provenance")[number % 2]
            key = container(number % SOURCES + 1, 0, 1)
            answer = client.get(f"/api/v1/{path}", params={"object": key})
            told.capture(answer.status_code if answer.status_code != 404 else 200, 0)
            told.waited.append(time.monotonic() - began)
            number += 1
            time.sleep(0.2)


def _watch(server: Server, told: Told, ends: float) -> None:
    with server.client(timeout=120) as client:
        while time.monotonic() < ends:
            told.lag.append(client.get("/health/ready").json()["lag_seconds"])
            told.memory.append(_anonymous(server))
            time.sleep(1)


def _anonymous(server: Server) -> int:
    """Bytes of the service's memory that no file stands behind; 0 where the system does not tell."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:")), 0)


def _count(server: Server, acknowledged: int) -> None:
    with server.client(timeout=120) as client:
        settle(client, _LEVEL_SECONDS)
        found = [event["eventID"] for event in every_event(client)]
    assert len(found) == len(set(found)), "an event is there twice"
    assert len(found) >= acknowledged, f"{acknowledged - len(found)} acknowledged events are not there"


def _together(work: Sequence[Callable[[], None]]) -> None:
    """Run all at once. Errors: the first of theirs."""
    faults: list[BaseException] = []

    def run(one: Callable[[], None]) -> None:
        try:
            one()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
