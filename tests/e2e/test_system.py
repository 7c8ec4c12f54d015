"""The service about itself: settings, checking and backing up by call, and bringing a backup back."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemas.errors import Conflict
from services.system.jobs import Job, Jobs
from tests.application import serving
from tests.e2e.conftest import Server
from tests.e2e.test_attention import FAILED, needs, told


async def ended(client: httpx.AsyncClient, begun: httpx.Response) -> dict[str, Any]:
    """The job that a call began, once it has ended."""
    assert begun.status_code == 202, begun.text
    for _ in range(600):
        job: dict[str, Any] = (await client.get(f"/api/v1/system/jobs/{begun.json()['id']}")).json()
        if job["state"] != "running":
            return job
        await asyncio.sleep(0.05)
    raise AssertionError(f"still running: {job}")


async def test_the_service_tells_what_it_runs_with_and_how_far_it_is(client: httpx.AsyncClient) -> None:
    await told(client, FAILED)
    found = (await client.get("/api/v1/system")).json()
    assert found["embedded"] is True
    assert found["settings"]["key"] == "(not set)"
    assert {one["name"] for one in found["projections"]} == {"genealogy", "index"}
    assert [one["behind"] for one in found["projections"]] == [0, 0]
    ends = {one["stream"]: one["end"] for one in found["streams"]}
    assert ends["facts"] >= 1
    assert {one["stream"] for one in found["streams"] if one["sealed"] is not None} == {"facts", "access"}
    assert {"log.sqlite", "genealogy.sqlite", "index.sqlite", "workbench.sqlite"} <= {
        one["name"] for one in found["files"]
    }
    assert found["disk_free"] > 0


async def test_no_secret_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with serving(tmp_path / "data", key="stemma_secret-key") as client:
        answer = await client.get("/api/v1/system")
    assert "secret-key" not in answer.text
    assert answer.json()["settings"]["key"] == "(set)"


async def test_a_whole_log_is_found_whole(client: httpx.AsyncClient) -> None:
    await told(client, FAILED)
    job = await ended(client, await client.post("/api/v1/system/verify", json={}))
    assert (job["state"], job["good"], job["by"]) == ("done", True, "local")
    assert job["done"] == job["total"] > 1
    assert "whole" in job["lines"][-1]
    assert "broken_seal" not in await needs(client)


def test_an_altered_record_is_found_and_needs_attention(make_server: Callable[..., Server]) -> None:
    server = make_server()
    with server.client() as client:
        client.post("/api/v1/activities", json={
            "activity": "observe", "objects": ["(01)09506000000022(10)A"], "place": "https://id.gs1.org/414/9506000000015",
        }).raise_for_status()  # fmt: skip
    server.stop()
    with sqlite3.connect(server.data / "log.sqlite") as log:
        tables = [row[0] for row in log.execute("select name from sqlite_master where type = 'table'")]
        table = next(name for name in tables if "record" in name)
        log.execute(f"drop trigger if exists {table}_no_update")
        for (trigger,) in log.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            log.execute(f"drop trigger {trigger}")
        log.execute(f"update {table} set raw = raw || ' ' where stream = 0 and offset = 0")
    server.start()
    with server.client() as client:
        job = client.post("/api/v1/system/verify", json={}).json()
        while (found := client.get(f"/api/v1/system/jobs/{job['id']}").json())["state"] == "running":
            pass
        assert (found["state"], found["good"]) == ("done", False)
        assert "offset 0 was altered" in found["lines"][0]
        needs = {one["kind"]: one for one in client.get("/api/v1/attention").json()["needs"]}
        assert (needs["broken_seal"]["severity"], needs["broken_seal"]["count"]) == ("critical", 1)


async def test_a_backup_is_made_listed_recorded_and_ends_the_worry(client: httpx.AsyncClient, tmp_path: Path) -> None:
    await told(client, FAILED)
    assert (await needs(client))["backup"]["since"] is None
    job = await ended(client, await client.post("/api/v1/backups", json={}))
    assert (job["state"], job["good"]) == ("done", True), job
    listed = (await client.get("/api/v1/backups")).json()
    assert listed["folder"] == str(tmp_path / "data" / "backups")
    (kept,) = listed["backups"]
    assert kept["records"] == job["done"]
    assert (await client.get("/api/v1/system")).json()["last_backup"] == kept
    assert "backup" not in await needs(client)
    record = (await client.get("/api/v1/access", params={"kind": "backup"})).json()["access"][0]
    assert record["about"] == {"backup": kept["name"]}


def test_a_backup_by_call_is_brought_back(make_server: Callable[..., Server], tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    server = make_server(STEMMA_BACKUPS=str(folder))
    with server.client() as client:
        client.post("/api/v1/activities", json={
            "activity": "observe", "objects": ["(01)09506000000022(10)A"], "place": "https://id.gs1.org/414/9506000000015",
        }).raise_for_status()  # fmt: skip
        job = client.post("/api/v1/backups", json={}).json()
        while client.get(f"/api/v1/system/jobs/{job['id']}").json()["state"] == "running":
            pass
        (kept,) = client.get("/api/v1/backups").json()["backups"]
    other = Server(tmp_path / "other", forked=True)
    other.stemma("restore", str(folder / kept["name"]))
    other.start()
    try:
        with other.client() as client:
            assert client.get("/api/v1/search", params={"q": "A"}).json()["found"][0]["kind"] == "lot"
    finally:
        other.stop()


async def test_a_folder_that_cannot_be_written_fails_the_job_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("no folder")
    async with serving(tmp_path / "data", backups=tmp_path / "file") as client:
        job = await ended(client, await client.post("/api/v1/backups", json={}))
        assert (job["state"], job["good"]) == ("failed", False)
        assert (await client.get("/api/v1/backups")).json()["backups"] == []


async def test_one_of_a_kind_runs_at_a_time_and_all_end_with_the_service() -> None:
    jobs, free = Jobs(lambda: 1), asyncio.Event()

    async def work(job: Job) -> bool:
        await free.wait()
        return True

    first = jobs.begin("backup", "local", work)
    with pytest.raises(Conflict, match=first.id):
        jobs.begin("backup", "local", work)
    other = jobs.begin("verify", "local", work)
    await asyncio.sleep(0)
    await jobs.stop()
    assert [(one.state, one.lines) for one in (first, other)] == [("failed", ["the service ended"])] * 2
    free.set()
    again = jobs.begin("backup", "local", work)
    for _ in range(10):
        await asyncio.sleep(0)
    assert (again.state, again.good) == ("done", True)


async def test_an_unknown_job_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/system/jobs/nothing")).status_code == 404
