"""The machine's clock is set back by an hour while Stemma runs: record times go on, and so does everything else."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from events import sqlite_log
from schemas.times import Instant
from tests.application import serving, without_settings
from tests.integration.test_kill_embedded import activity, root_key

HOUR_US = 3_600_000_000


async def listed(client: httpx.AsyncClient, **limits: Any) -> tuple[list[str], str]:
    """The objects that came of the root lot, and the time as known at which they are told."""
    answer = await client.post("/api/v1/impact", json={"seeds": [{"object": root_key()}], "limit": 500, **limits})
    assert answer.status_code == 200, answer.text
    return [one["object"] for one in answer.json()["objects"]], answer.json()["basis"]["known_at"]


async def recorded(client: httpx.AsyncClient) -> dict[str, int]:
    """The recordTime of each lot's event, in microseconds."""
    page = (await client.get("/epcis/v2/events?perPage=500")).json()
    events = page["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return {
        one["outputQuantityList"][0]["epcClass"].rsplit("/", 1)[1]: Instant.parse(one["recordTime"]).us
        for one in events
    }


async def test_a_clock_set_back_by_an_hour_changes_no_answer_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_settings(monkeypatch, tmp_path)
    back_us = 0

    def clock() -> int:
        return time.time_ns() // 1000 - back_us

    set_back = SimpleNamespace(time_ns=lambda: clock() * 1000, monotonic=time.monotonic)
    monkeypatch.setattr(sqlite_log, "time", set_back)
    async with serving(tmp_path / "data", clock) as client:
        lots = [f"LOT-{n:02}" for n in range(20)]
        for lot in lots[:10]:
            assert (await client.post("/api/v1/activities", json=activity(lot))).status_code == 201
        before, known_at = await listed(client)
        back_us = HOUR_US
        for lot in lots[10:]:
            assert (await client.post("/api/v1/activities", json=activity(lot))).status_code == 201
        again = await client.post("/api/v1/activities", json=activity(lots[0]))
        assert again.json()["outcome"] == "duplicate"
        assert len((await listed(client))[0]) == len(before) + 10
        assert (await listed(client, known_at=known_at))[0] == before
        times = await recorded(client)
        assert [times[lot] for lot in lots] == sorted(times.values())
        assert len(set(times.values())) == len(lots)
        assert (await client.get("/health/ready")).json()["lag_events"] == 0
