"""Projecting in a process of its own: the same facts, the same poison, and no harm when the process ends."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
import threading
import time
from array import array
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO

import pytest

from events.envelope import CURRENT, Envelope
from events.reading import LoggedEvent
from projections.beside import Beside, receive, send
from projections.carried import carried_event, carried_fact, fact, logged_event
from projections.port import Poison
from projections.projecting import project
from projections.projector import Projector, projected
from tests.bench.load import events

BASE = "https://plant.example"
CONTEXT = json.dumps(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"s": "urn:stemma:ns:1:"}])
ODD = [
    {"type": "ObjectEvent", "eventTime": "2026-03-02T08:00:00.1234567+08:00", "action": "ADD", "epcList": ["urn:a:b"],
     "s:operator": "张三", "s:resource": ["urn:m:1"], "ilmd": {"cbvmda:lotNumber": "L1"}},
    {"type": "ObjectEvent", "eventTime": "2026-03-02T08:00:00Z", "action": "OBSERVE",
     "quantityList": [{"epcClass": f"{BASE}/product/flour/lot/7", "quantity": 1e-7, "uom": "KGM"}],
     "errorDeclaration": {"declarationTime": "2026-03-03T08:00:00Z", "correctiveEventIDs": ["urn:e:2"]}},
    {"type": "ObjectEvent", "eventTime": "never"},
]  # fmt: skip


def logged() -> list[LoggedEvent]:
    raw = [*events(100), *(json.dumps(one).encode() for one in ODD), b"no json"]
    return [
        LoggedEvent(
            0, n, n, 1_000 + n,
            Envelope(CURRENT, "event", "c", n, f"urn:e:{n}", "a", "k", n % 2 == 0, None, 1, "x/json", CONTEXT, None),
            one,
        )
        for n, one in enumerate(raw)
    ]  # fmt: skip


@pytest.fixture
def beside() -> Iterator[Beside]:
    made = Beside(BASE)
    yield made
    made.close()


def started(beside: Beside) -> int:
    """Wait until it answers; its process."""
    deadline = time.monotonic() + 60
    while beside.each(logged()[:1]) is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert beside._process is not None
    return beside._process.pid


def test_facts_are_the_same_wherever_they_are_made(beside: Beside) -> None:
    started(beside)
    here = [projected(partial(project, base=BASE), one) for one in logged()]
    assert beside.each(logged()) == here
    assert [isinstance(one, Poison) for one in here[-2:]] == [True, True]
    assert sum(isinstance(one, Poison) for one in here) == 2


def test_what_is_carried_arrives_as_it_was() -> None:
    for one in logged():
        assert logged_event(carried_event(one)) == one
        found = projected(project, one)
        assert fact(carried_fact(found)) == found


def test_events_are_projected_here_when_the_process_is_killed(beside: Beside) -> None:
    projector = Projector(partial(project, base=BASE), beside)
    os.kill(started(beside), signal.SIGKILL)
    facts, poison = projector.each(logged())
    assert (len(facts), len(poison)) == (102, 2)
    assert beside.each(logged()) is None


def test_an_answer_is_whole_though_the_process_is_stopped_while_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe takes 64 KiB; a signal ends the waiting for more room, and of an unbuffered write the rest is lost."""
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    beside = Beside(BASE)
    try:
        child = started(beside)
        process = beside._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        asked = [carried_event(one) for one in logged() * 10]
        send(process.stdin, ("project", asked))
        deadline = time.monotonic() + 60
        while not is_full(process.stdout):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        for how in (signal.SIGSTOP, signal.SIGCONT):
            os.kill(child, how)
            time.sleep(0.1)
        end = threading.Timer(30, process.kill)  # rather than wait for ever for what was lost
        end.start()
        assert len(receive(process.stdout)) == len(asked)
        end.cancel()
    finally:
        beside.close()


def is_full(pipe: IO[bytes]) -> bool:
    """Whether whoever writes into a pipe has to wait."""
    held = array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, held)
    return held[0] >= fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ)


def test_the_process_ends_with_its_parent_even_if_that_is_killed() -> None:
    code = (
        "import sys, time; from tests.integration.test_beside import Beside, started\n"
        "print(started(Beside(None)), flush=True); time.sleep(60)"
    )
    root = Path(__file__).parents[2]
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=root)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 30
    while alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
