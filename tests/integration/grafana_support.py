"""A plant on real PostgreSQL for Grafana's queries: the demo, and beside it what the demo has not, seeded by hand.

The application runs in this process, so that a test may ask the API the same question; statements run as the role that
`deploy/grafana/reader.sql` makes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest
import pytest_asyncio

from events.envelope import Envelope, encode
from events.port import FACTS, NewRecord
from services.app import create_app
from services.settings import Settings
from tests.application import caller
from tests.grafana import DASHBOARDS, FOLDER, Statement, View, expanded
from tests.integration.test_kill_servers import new_database

CONTEXT = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"stemma": "urn:stemma:ns:1:"}]
PASSWORD = "for-the-reader's-tests"
GATE = "https://id.gs1.org/414/9521001000017"
LOT = "https://id.gs1.org/01/09521103000014/10/GRAFANA-1"
PIECE = "https://id.gs1.org/01/09521001000123/21/GRAFANA-1"
OBRIEN = "urn:stemma:demo:operator:o'brien"
EXACT = "12345678901234567.891"
"""No float holds this quantity."""
ZONE = "Europe/Berlin"
SHORT_DAY = datetime(2025, 3, 29, 23, tzinfo=UTC)
LONG_DAY = datetime(2025, 10, 25, 22, tzinfo=UTC)
"""Midnights in Berlin: then a day of 23 hours, and one of 25."""
QUIET = datetime(2025, 7, 1, tzinfo=UTC)
"""A day on which nothing happened, months after anything did and before anything does."""
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ALWAYS = View(datetime(1969, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), values={"sensor": "Temperature"})


@dataclass(frozen=True)
class Plant:
    """The application, and where and how the reader signs in."""

    client: httpx.AsyncClient
    owner: str
    reader: str

    async def api(self, path: str, **params: Any) -> Any:
        """An answer of the API as JSON."""
        response = await self.client.get(path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    async def events(self, **params: Any) -> list[dict[str, Any]]:
        """Every event of the timeline, page by page."""
        found, after = [], None
        while True:
            page = await self.api("/api/v1/timeline", limit=1000, **params, **({"after": after} if after else {}))
            found += page["events"]
            after = page["next"]
            if after is None:
                return found

    @asynccontextmanager
    async def connected(self, url: str | None = None) -> AsyncIterator[asyncpg.Connection]:
        """A connection of the reader's, or of another's."""
        connection = await asyncpg.connect(url or self.reader)
        try:
            yield connection
        finally:
            await connection.close()

    async def run(self, statement: Statement, view: View) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
        """Columns (name, type) and rows of a statement as Grafana sends it."""
        async with self.connected() as connection:
            prepared = await connection.prepare(expanded(statement.sql, view, DASHBOARDS[statement.board]))
            rows = await prepared.fetch()
            return [(one.name, one.type.name) for one in prepared.get_attributes()], [tuple(row) for row in rows]


def days(start: datetime, count: float = 1, **more: Any) -> View:
    """So many days from a moment on, the last microsecond left out."""
    end = start + count * DAY - timedelta(microseconds=1)
    return replace(View(start, end, values={"sensor": "Temperature"}), **more)


def psql() -> str:
    """PostgreSQL's own client; without it, skips, or fails in CI."""
    found = shutil.which("psql") or next(map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"))), None)
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no psql: apt-get install postgresql-client")
    return str(found)


def make_reader(owner: str, name: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    """Run reader.sql as the owner. `owner` is a URL that libpq understands."""
    given = {"PATH": os.environ["PATH"], "STEMMA_READER": name, "STEMMA_READER_PASSWORD": password}
    command = [psql(), "--no-psqlrc", "--quiet", f"--file={FOLDER / 'reader.sql'}", owner]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False)


def signed_in(owner: str, name: str, password: str) -> str:
    """The owner's URL with another user."""
    parts = urlsplit(owner)
    return urlunsplit(parts._replace(netloc=f"{name}:{password}@{parts.netloc.rpartition('@')[2]}"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def plant(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plant]:
    """The demo and the seeds, projected; tests only read."""
    url = await new_database(postgres_server)
    owner, name = url.replace("+asyncpg", ""), f"reader_{uuid.uuid4().hex[:8]}"
    app = create_app(Settings(data=tmp_path_factory.mktemp("plant"), demo=True, database_url=url))
    async with app.router.lifespan_context(app), caller(app) as client:
        await _seed(client)
        await _two_writers(app.state.house)
        await _unreadable(app.state.house)
        wait = {"stemma-wait-for": (await app.state.house.position()).token()}
        (await client.get("/api/v1/timeline", params={"limit": 1}, headers=wait)).raise_for_status()
        done = make_reader(owner, name)
        assert done.returncode == 0, done.stderr
        yield Plant(client, owner, signed_in(owner, name, PASSWORD))
        async with Plant(client, owner, owner).connected() as connection:
            await connection.execute(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')


async def _seed(client: httpx.AsyncClient) -> None:
    """Events on the days of clock changes, an exact quantity, every result of an inspection, a withdrawn failure."""
    halves = [start + timedelta(minutes=30 * n) for start in (SHORT_DAY, LONG_DAY) for n in range(50)]
    passing = [_event(f"half-{n}", at, bizStep="cycle_counting", epcList=[PIECE]) for n, at in enumerate(halves)]
    noon = LONG_DAY + timedelta(hours=12)
    received = _event("received", noon, action="ADD", bizStep="receiving", operator=OBRIEN)
    quantity = [{"epcClass": LOT, "quantity": "EXACT", "uom": "KGM"}]
    inspected = [
        _event(f"was-{result}", noon + timedelta(minutes=n), bizStep="inspecting", epcList=[PIECE], result=result)
        for n, result in enumerate(("pass", "fail", "conditional"))
    ]
    wrong = _event("was-wrong", noon + timedelta(hours=1), bizStep="inspecting", epcList=[PIECE], result="fail")
    declared = {"declarationTime": "2025-10-27T08:00:00Z", "reason": "incorrect_data"}
    for batch in (
        [*passing, {**received, "quantityList": quantity}, *inspected, wrong],
        [{**wrong, "errorDeclaration": {**declared, "correctiveEventIDs": ["urn:g:was-pass"]}}],
    ):
        body = json.dumps(_document(batch)).replace('"EXACT"', EXACT)
        response = await client.post("/epcis/v2/capture", content=body, headers={"content-type": "application/json"})
        assert response.status_code == 202, response.text
    bad = {"activity": "inspect", "id": "no-objects", "objects": [], "result": "pass"}
    assert (await client.post("/api/v1/activities", json=bad)).status_code == 422


def _event(name: str, at: datetime, **more: Any) -> dict[str, Any]:
    own = {f"stemma:{key}": more.pop(key) for key in ("operator", "result") if key in more}
    told = {"eventID": f"urn:g:{name}", "eventTime": at.isoformat(), "eventTimeZoneOffset": "+02:00"}
    return {"type": "ObjectEvent", "action": "OBSERVE", "readPoint": {"id": GATE}, **told, **own, **more}


def _document(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2025-11-01T00:00:00Z",
        "epcisBody": {"eventList": list(events)},
    }  # fmt: skip


async def _two_writers(house: Any) -> None:
    """Two processes captured one eventID with different content before either had read the other's."""
    for source, step in (("first", "storing"), ("second", "shipping")):
        event = _event("same", LONG_DAY + timedelta(hours=14), bizStep=step, epcList=[PIECE])
        await _append(house, source, "urn:g:same", json.dumps(event).encode())


async def _unreadable(house: Any) -> None:
    """A record whose event cannot be projected."""
    await _append(house, "broken", "urn:g:broken", b"{}")


async def _append(house: Any, source: str, event_id: str, raw: bytes) -> None:
    told = Envelope(
        2, "event", source, 0, event_id, source, source, False, None, 0, "application/json", json.dumps(CONTEXT), None
    )
    closing = replace(told, kind="close", event_id=None, body={"count": 1, "outcomes": []})
    await house.log.append(FACTS, source, [NewRecord(encode(told), raw), NewRecord(encode(closing), b"")])
