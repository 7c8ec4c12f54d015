"""A rebuild while the service runs: answers stay, no call is refused, and a kill leaves whole projections."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemas.errors import Conflict
from services import bootstrap, rebuilding
from services.reopening import Reopening
from services.settings import Settings, load_settings
from services.system import rebuilds
from tests.depth import at_most
from tests.e2e.conftest import Server
from tests.faults.moments import DIED, DoomedServer
from tests.integration.test_kill_embedded import activity, every_event, every_object, root_key

FILES = ("genealogy.sqlite", "index.sqlite")
SEEDS = {"seeds": [{"object": root_key("ROOT")}]}
_PATIENCE = 120.0


def told(client: httpx.Client, count: int, name: str = "LOT") -> None:
    """Record that many lots made of one."""
    for begin in range(0, count, 500):
        some = [activity(f"{name}-{number}") for number in range(begin, min(begin + 500, count))]
        answer = client.post("/api/v1/activities", json=some)
        assert {one["outcome"] for one in answer.json()} <= {"captured", "duplicate"}


def everything(client: httpx.Client) -> list[object]:
    """Every event, what came of the root, and the calls that were refused."""
    refused = client.get("/api/v1/refused").json()["refused"]
    return [sorted(str(one) for one in every_event(client)), sorted(map(str, every_object(client, SEEDS))), refused]


def begun(client: httpx.Client) -> str:
    answer = client.post("/api/v1/system/rebuild", json={})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def ended(client: httpx.Client, job_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        job: dict[str, Any] = client.get(f"/api/v1/system/jobs/{job_id}").json()
        if job["state"] != "running":
            return job
        time.sleep(0.05)
    raise AssertionError(job)


def inodes(server: Server) -> list[int]:
    return [(server.data / name).stat().st_ino for name in FILES]


def leftovers(server: Server) -> list[str]:
    return [file.name for file in server.data.iterdir() if ".new" in file.name]


def filling(server: Server) -> set[int]:
    """The processes that fill new projections for this server, now or while it lived."""
    assert server.process is not None
    found = set()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes()
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if b"services.system.filling" in words and parent == server.process.pid:
            found.add(int(place.name))
    return found


def runs(pid: int) -> bool:
    """Whether a process runs; one that has ended may still be listed until whoever inherited it looks."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Callers:
    """Capture on connections that stay and on one for each call, and follow; what went wrong, and the longest wait."""

    def __init__(self, server: Server) -> None:
        self.faults: list[str] = []
        self.longest = 0.0
        self.captured = 0
        self._server = server
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(name,)) for name in ("keep-1", "keep-2", "new-1")]
        self._threads.append(threading.Thread(target=self._follow))

    @contextmanager
    def calling(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join()

    def _call(self, name: str) -> None:
        number = 0
        with self._server.client() as client:
            while not self._over.is_set():
                if name.startswith("new"):
                    client.headers["connection"] = "close"
                began = time.monotonic()
                try:
                    answer = client.post("/api/v1/activities", json=activity(f"{name}-{number}"))
                    if answer.status_code != 201:
                        self.faults.append(f"{name}: {answer.status_code} {answer.text}")
                except httpx.TransportError as fault:
                    self.faults.append(f"{name}: {fault!r}")
                self.longest = max(self.longest, time.monotonic() - began)
                number += 1
                self.captured += 1

    def _follow(self) -> None:
        """A live stream, opened again when it ends."""
        while not self._over.is_set():
            with self._server.client() as client, client.stream("GET", "/api/v1/timeline/stream") as answer:
                for _ in answer.iter_raw():
                    if self._over.is_set():
                        return


def test_answers_stay_and_no_call_is_refused_while_projections_are_made_again(server: Server) -> None:
    with server.client() as client:
        told(client, 800)
        assert client.post("/api/v1/activities", json={"activity": "no such"}).status_code == 422
        assert client.get("/api/v1/system").json()["rebuild"] == "call"
        before, old = everything(client), inodes(server)
        callers = Callers(server)
        with callers.calling():
            job = ended(client, begun(client))
            told(client, 10, "AFTER")
        assert callers.faults == []
        assert callers.captured > 20
        assert (job["state"], job["good"], job["by"]) == ("done", True, "local")
        assert job["done"] == job["total"] >= 800
        assert "0 events set aside" in job["lines"][-1]
        assert not set(inodes(server)) & set(old)
        assert leftovers(server) == []
        after = everything(client)
        # What was there is there as it was; what came meanwhile is there too.
        assert set(before[0]) < set(after[0])  # type: ignore[call-overload]
        assert len(after[0]) == len(before[0]) + callers.captured + 10  # type: ignore[arg-type]
        assert before[2] == after[2]
        assert client.get(f"/api/v1/system/jobs/{job['id']}").json() == job
        record = client.get("/api/v1/access", params={"kind": "rebuild"}).json()["access"]
        assert [one["actor"] for one in record] == ["local"]
    print(f"longest call {callers.longest:.2f} s of {callers.captured}")
    server.stop()
    assert server.stemma("verify", "--projections").returncode == 0


def test_a_second_rebuild_waits_for_the_first_to_end(server: Server) -> None:
    with server.client() as client:
        told(client, 10)
        first = begun(client)
        second = client.post("/api/v1/system/rebuild", json={})
        assert second.status_code == 409
        assert first in second.json()["detail"]
        assert ended(client, first)["good"] is True
        assert ended(client, begun(client))["good"] is True


def test_what_is_answered_now_and_would_be_set_aside_is_named_and_nothing_is_switched(server: Server) -> None:
    with server.client() as client:
        told(client, 5)
        events = sorted(one["eventID"] for one in every_event(client))
    server.stop()
    with sqlite3.connect(server.data / "log.sqlite") as log:
        for (trigger,) in log.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            log.execute(f"drop trigger {trigger}")
        table = next(name for (name,) in log.execute("select name from sqlite_master where name like '%record%'"))
        (offset,) = log.execute(
            f"select offset from {table} where stream = 0 and instr(raw, 'LOT-3') order by offset"
        ).fetchone()
        log.execute(
            f"update {table} set raw = replace(raw, 'eventTime', 'noTime') where stream = 0 and offset = {offset}"
        )
    server.start()
    old = inodes(server)
    with server.client() as client:
        before = everything(client)
        job = ended(client, begun(client))
        assert (job["state"], job["good"]) == ("done", False)
        assert "not switched" in job["lines"][0]
        assert sum(event in line for event in events for line in job["lines"]) == 1
        assert everything(client) == before
    assert inodes(server) == old
    assert leftovers(server) == []


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_a_service_that_ends_while_they_are_filled_keeps_the_old_ones(server: Server, how: str) -> None:
    with server.client() as client:
        told(client, 1500)
        before, old = everything(client), inodes(server)
        begun(client)
        deadline = time.monotonic() + 30
        while not (leftovers(server) and filling(server)) and time.monotonic() < deadline:
            time.sleep(0.01)
        (helper,) = filling(server)
    getattr(server, how)()
    deadline = time.monotonic() + _PATIENCE
    while runs(helper) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not runs(helper)
    server.start()
    assert leftovers(server) == []
    assert inodes(server) == old
    with server.client() as client:
        assert everything(client) == before
        assert ended(client, begun(client))["good"] is True
        assert everything(client) == before


@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal"])
def test_nothing_of_a_filling_that_was_cut_short_is_left(tmp_path: Path, end: str) -> None:
    """A journal left beside would be rolled back into the next new file."""
    for name in FILES:
        (tmp_path / f"{name}.new{end}").write_bytes(b"x")
        (tmp_path / name).write_bytes(b"old")
    rebuilding.clear(load_settings(data=tmp_path))
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(FILES)


@pytest.mark.parametrize("seed", range(1, at_most(2, 4) + 1))
def test_a_service_killed_within_the_switch_has_whole_projections(tmp_path: Path, seed: int) -> None:
    server = DoomedServer(tmp_path / "data", forked=True)
    server.moment = ("switch", 1, seed)
    server.start()
    try:
        with server.client() as client:
            told(client, 300)
            before = everything(client)
            begun(client)
        assert server.process is not None
        assert server.process.wait(_PATIENCE) == DIED
        server.moment = None
        server.start()
        assert leftovers(server) == []
        with server.client() as client:
            assert everything(client) == before
    finally:
        server.stop()


@pytest.mark.parametrize("step", [0, 1])
def test_a_switch_cut_short_at_either_file_leaves_whole_projections(
    make_server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """After a kill, so that the old files have journals, which belong to them alone."""
    server = make_server()
    with server.client() as client:
        told(client, 50)
        before = everything(client)
    server.kill()
    settings = load_settings(data=server.data)
    asyncio.run(_filled(settings))
    left = [step]
    replace = os.replace

    def cut_short(source: Path, target: Path) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError("killed")
        replace(source, target)

    monkeypatch.setattr(os, "replace", cut_short)
    with pytest.raises(OSError, match="killed"):
        rebuilding.switch(settings)
    monkeypatch.undo()
    assert all((server.data / name).exists() for name in FILES)
    server.start()
    with server.client() as client:
        assert everything(client) == before


async def _filled(settings: Settings) -> None:
    log = await bootstrap.open_log(settings, read_only=True)
    try:
        await rebuilding.fill(settings, log, lambda done, total: None, None)
    finally:
        await log.close()


async def test_an_application_that_nobody_opens_again_refuses_with_the_command(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/system")).json()["rebuild"] == "command"
    answer = await client.post("/api/v1/system/rebuild", json={})
    assert answer.status_code == 409
    assert "stemma rebuild" in answer.json()["detail"]


@pytest.mark.parametrize("urls", [{"graph_url": "bolt://localhost"}, {"database_url": "postgresql://localhost/stemma"}])
def test_projections_on_servers_are_not_rebuilt_by_call(tmp_path: Path, urls: dict[str, str]) -> None:
    settings = load_settings(data=tmp_path, **urls)
    assert not rebuilds.by_call(settings, Reopening())
    with pytest.raises(Conflict, match="stemma rebuild"):
        rebuilds.check(settings, Reopening())


def test_without_room_beside_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / FILES[0]).write_bytes(b"x" * 1000)
    settings = load_settings(data=tmp_path)
    rebuilds.check(settings, Reopening())
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 999}))
    with pytest.raises(Conflict, match="1000 bytes beside the old ones, and 999 are free"):
        rebuilds.check(settings, Reopening())
