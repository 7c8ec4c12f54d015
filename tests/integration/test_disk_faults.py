"""A full disk and damaged files: a clear stop or refusal, nothing acknowledged lost, and a way back."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import START_SECONDS, Server, make_server
from tests.integration.test_kill_embedded import activity, check, settle, verdict

__all__ = ["make_server"]
pytestmark = pytest.mark.slow
WRITERS = 64
"""At once, since the index's files are full before the log's, and a capture waits ten seconds for the index."""
_LIMITED = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))
sys.argv = ["stemma", "serve"]
runpy.run_module("services.cli", run_name="__main__")
"""


class FullDisk(Server):
    """A server that may write no file beyond `most` bytes, as on a disk that is full."""

    def start_with(self, most: int) -> None:
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _LIMITED.format(most)],
                env=self.environment(), cwd=self.data.parent, stdout=subprocess.DEVNULL, stderr=sink,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                httpx.get(self.url + "/health/live", timeout=5.0, trust_env=False)
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(self.tail())


def test_a_full_disk_refuses_captures_and_loses_none_that_was_acknowledged(tmp_path: Path) -> None:
    server = FullDisk(tmp_path / "data")
    server.start()
    with server.client() as client:
        verdict(client.post("/api/v1/activities", json=activity("FIRST")))
    server.stop()
    largest = max(file.stat().st_size for file in server.data.rglob("*") if file.is_file())
    server.start_with(largest + 40_000)
    acknowledged: dict[str, str] = {}
    sent = ["FIRST"]
    refused: list[httpx.Response] = []
    with server.client() as client, ThreadPoolExecutor(WRITERS) as writers:
        for first in range(0, 3_000, WRITERS):
            lots = [f"FULL-{number}" for number in range(first, first + WRITERS)]
            sent += lots
            answers = list(writers.map(lambda lot: client.post("/api/v1/activities", json=activity(lot)), lots))
            refused = [answer for answer in answers if answer.status_code >= 400]
            pairs = zip(lots, answers, strict=True)
            acknowledged.update({lot: verdict(one)["eventID"] for lot, one in pairs if one.status_code < 400})
            if refused:
                break
    assert acknowledged
    assert refused, server.tail()
    for answer in refused:
        assert answer.status_code == 503
        assert "retry-after" in answer.headers
    server.kill()
    server.start()
    with server.client() as client:
        settle(client)
        check(client, acknowledged, set(sent))
    server.stop()
    assert server.stemma("verify").returncode == 0


def test_flipped_bits_in_the_genealogy_are_told_or_harmless_and_a_rebuild_mends_them(
    make_server: Callable[..., Server],
) -> None:
    server = make_server()
    acknowledged: dict[str, str] = {}
    with server.client() as client:
        for number in range(60):
            lot = f"LOT-{number}"
            acknowledged[lot] = verdict(client.post("/api/v1/activities", json=activity(lot)))["eventID"]
        settle(client)
    server.stop()
    file = next(server.data.glob("genealogy.sqlite"))
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        blocks = connection.execute("SELECT events, mentions, texts FROM genealogy_block").fetchall()
    whole, chance = file.read_bytes(), random.Random(1)
    for part in (max(block, key=len) for block in zip(*blocks, strict=True)):
        at = whole.find(part[:200])
        assert at > 0
        place = at + chance.randrange(min(200, len(part)))
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        told = server.stemma("trace", "forward", "ROOT", check=False)
        assert told.returncode != 0
        assert "stemma rebuild" in told.stderr + told.stdout
    server.stemma("rebuild")
    server.start()
    with server.client() as client:
        settle(client)
        check(client, acknowledged, set(acknowledged))
