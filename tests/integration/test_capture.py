"""Capture over the real log, index and runner, with a log that fails as logs do and an index that is away."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from events.port import FACTS, REFUSED, Appended, NewRecord, Record
from events.sqlite_log import SqliteEventLog
from projections.index.store import EventIndex
from projections.port import Projection
from projections.projecting import project
from projections.runner import Runner
from schemas.errors import Busy, NotFound, OutcomeUnknown, Unavailable
from services.ingestion import refused as refused_module
from services.ingestion.activities import Naming
from services.ingestion.capture import Caller, Captured
from services.ingestion.refused import Refusal
from services.ingestion.service import Ingestion
from services.positions import Ends

ITEM = "https://id.gs1.org/01/09506000000039/21/S-1001"
CASE = "https://id.gs1.org/00/095060000000000015"
PLANT = "https://id.gs1.org/414/9506000000015"
HEAD = {
    "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-03-02T00:00:00Z",
}


class FaultyLog(SqliteEventLog):
    """A log whose next appends fail: `before` nothing was written, `after` everything was, and nobody knows."""

    faults: list[str]

    async def append(self, stream: str, key: str, records: Sequence[NewRecord]) -> Appended:
        fault = self.faults.pop(0) if getattr(self, "faults", None) else None
        if fault == "down":
            raise Unavailable("the log is down")
        if fault == "before":
            raise OutcomeUnknown("timed out")
        done = await super().append(stream, key, records)
        if fault == "after":
            raise OutcomeUnknown("timed out")
        return done


class AbsentIndex(EventIndex):
    """An index that can be away for questions, though it follows the log."""

    away = False

    async def known(self, event_ids: Iterable[str]) -> Any:
        if self.away:
            raise Unavailable("the database does not answer")
        return await super().known(event_ids)

    async def add_refused(self, calls: Any) -> None:
        if self.away:
            raise Unavailable("the database does not answer")
        await super().add_refused(calls)


class Plant:
    """Everything that captures, opened on one folder."""

    def __init__(self, log: FaultyLog, index: AbsentIndex, runner: Runner) -> None:
        self.log, self.index, self.runner = log, index, runner
        self.clock = itertools.count(1_772_409_600_000_000, 1000).__next__
        self.ingestion = Ingestion(log, index, runner, Ends(log), self.clock, waits=False)

    def caller(self, source: str = "line", may_correct: bool = False, may_audit: bool = False) -> Caller:
        key = source.partition("/")[0]
        return Caller(f"key:{key}", key, source, may_correct, may_audit, None, self.clock())

    async def send(
        self, *events: dict[str, Any], mode: Any = "rollback", source: str = "line", **rights: bool
    ) -> Captured:
        body = json.dumps({**HEAD, "epcisBody": {"eventList": list(events)}}).encode()
        caller = self.caller(source, **rights)
        return await self.ingestion.document(body, "application/json", mode, caller)

    async def settled(self) -> None:
        await self.runner.wait_for(await Ends(self.log).current(), ["index"], 10)

    async def kinds(self) -> list[str]:
        records = await self.log.read(FACTS, 0, -1, 10_000)
        return [json.loads(record.envelope)["kind"] for record in records]


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Plant]:
    log = await FaultyLog.open(folder / "log.sqlite")
    index = await AbsentIndex.open(f"sqlite+aiosqlite:///{folder / 'index.sqlite'}")
    assert isinstance(log, FaultyLog)
    assert isinstance(index, AbsentIndex)
    projection: Projection = index
    runner = Runner(log, [projection], partial(project, base=None))
    await runner.start()
    try:
        yield Plant(log, index, runner)
    finally:
        await runner.stop()
        await index.close()
        await log.close()


@pytest.fixture
async def plant(tmp_path: Path) -> AsyncIterator[Plant]:
    async with opened(tmp_path) as one:
        yield one


def event(n: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:00000000-0000-4000-8000-{n:012d}",
        "eventTime": "2026-03-02T00:00:00Z",
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "epcList": [ITEM],
        **more,
    }


def declared(n: int, **more: Any) -> dict[str, Any]:
    return event(n, errorDeclaration={"declarationTime": "2026-03-03T00:00:00Z", "reason": "did_not_occur"}, **more)


def outcomes(captured: Captured) -> list[str]:
    return [str(one.outcome) for one in captured.flat]


async def test_events_and_their_closing_record_stand_together_in_the_log(plant: Plant) -> None:
    """EPCIS-C3: one append, so that every reader sees all of it or nothing."""
    captured = await plant.send(event(1), event(2))
    assert outcomes(captured) == ["captured", "captured"]
    assert await plant.kinds() == ["event", "event", "close"]
    await plant.settled()
    job = await plant.index.job(captured.capture)
    assert job is not None
    assert [one["outcome"] for one in job.body["outcomes"]] == ["captured", "captured"]


async def test_an_event_without_an_id_is_recognised_when_sent_again(plant: Plant) -> None:
    """EPCIS-C7 EPCIS-C8: by its hash ID."""
    bare = {name: value for name, value in event(1).items() if name != "eventID"}
    spelled = {**bare, "eventTime": "2026-03-02T01:00:00.000+01:00", "recordTime": "2026-03-09T00:00:00Z"}
    assert outcomes(await plant.send(bare)) == ["captured"]
    assert outcomes(await plant.send(spelled)) == ["duplicate"]
    await plant.settled()
    assert outcomes(await plant.send(spelled)) == ["duplicate"]


@pytest.mark.parametrize("settled", [False, True], ids=["before the index has it", "after"])
async def test_verdicts_do_not_depend_on_how_far_the_index_is(plant: Plant, settled: bool) -> None:
    await plant.send(event(1))
    if settled:
        await plant.settled()
    other = event(1, epcList=[CASE])
    again = await plant.send(event(1), other, declared(1), event(2), mode="proceed")
    assert outcomes(again) == ["duplicate", "conflict", "captured", "captured"]
    if settled:
        await plant.settled()
    assert outcomes(await plant.send(declared(1), event(1))) == ["duplicate", "duplicate"]


async def test_a_declaration_may_come_first(plant: Plant) -> None:
    """EPCIS-C11: both are captured, in either order."""
    assert outcomes(await plant.send(declared(1))) == ["captured"]
    await plant.settled()
    assert outcomes(await plant.send(event(1))) == ["captured"]


async def test_a_declaration_without_effect_does_not_stop_one_with_effect(plant: Plant) -> None:
    await plant.send(event(1), source="line")
    assert outcomes(await plant.send(declared(1), source="stranger")) == ["captured"]
    assert outcomes(await plant.send(declared(1), source="stranger")) == ["duplicate"]
    assert outcomes(await plant.send(declared(1), source="line")) == ["captured"]
    assert outcomes(await plant.send(declared(1), source="quality", may_correct=True)) == ["duplicate"]
    await plant.settled()
    assert outcomes(await plant.send(declared(1), source="another")) == ["duplicate"]
    known = await plant.index.known([event(1)["eventID"]])
    assert known[event(1)["eventID"]].withdrawn_us is not None


async def test_one_of_many_racing_captures_of_an_event_is_the_first(plant: Plant) -> None:
    """EPCIS-C8: the others are duplicates."""
    found = await asyncio.gather(*(plant.send(event(1)) for _ in range(20)))
    assert Counter(outcomes(one)[0] for one in found) == {"captured": 1, "duplicate": 19}
    assert (await plant.kinds()).count("event") == 1


async def test_a_racing_capture_waits_for_a_first_one_that_fails(plant: Plant) -> None:
    plant.log.faults = ["down"]
    first, second = await asyncio.gather(plant.send(event(1)), plant.send(event(1)), return_exceptions=True)
    assert isinstance(first, Unavailable)
    assert not isinstance(second, BaseException)
    assert outcomes(second) == ["captured"]


@pytest.mark.parametrize("fault", ["before", "after"])
async def test_an_append_of_unknown_outcome_is_repeated_under_the_same_identity(plant: Plant, fault: str) -> None:
    """EPCIS-C3: whatever the first attempt came to, the events count once."""
    plant.log.faults = [fault]
    assert outcomes(await plant.send(event(1), event(2))) == ["captured", "captured"]
    await plant.settled()
    page = await plant.index.events_page(None, 10, 2**62)
    assert [one.facts.event_id[-1] for one in page] == ["1", "2"]


async def test_an_append_that_never_succeeds_is_no_success(plant: Plant) -> None:
    plant.log.faults = ["before"] * 3
    with pytest.raises(OutcomeUnknown):
        await plant.send(event(1))
    assert outcomes(await plant.send(event(1))) == ["captured"]


async def test_capture_goes_on_while_the_index_is_away(plant: Plant) -> None:
    await plant.send(event(1))
    plant.index.away = True
    assert outcomes(await plant.send(event(1), event(2))) == ["duplicate", "captured"]
    plant.index.away = False
    await plant.settled()
    assert outcomes(await plant.send(event(2))) == ["duplicate"]


async def test_a_rolled_back_document_leaves_its_job_and_no_event(plant: Plant) -> None:
    """EPCIS-C3 EPCIS-C5: nothing of it is in the log but its job."""
    await plant.send(event(1))
    captured = await plant.send(event(2), event(1, epcList=[CASE]))
    assert outcomes(captured) == ["rolled_back", "conflict"]
    assert (await plant.kinds()) == ["event", "close", "close"]
    view = await plant.ingestion.jobs.view(captured.capture, plant.caller())
    assert [one["outcome"] for one in view["events"]] == ["rolled_back", "conflict"]
    assert view["success"] is False


async def test_a_job_is_its_callers_and_the_auditors(plant: Plant) -> None:
    """EPCIS-C5: 404 for others."""
    captured = await plant.send(event(1), source="line/scanner-1")
    assert (await plant.ingestion.jobs.view(captured.capture, plant.caller("line")))["success"]
    assert (await plant.ingestion.jobs.view(captured.capture, plant.caller("admin", may_audit=True)))["success"]
    with pytest.raises(NotFound):
        await plant.ingestion.jobs.view(captured.capture, plant.caller("other"))
    with pytest.raises(NotFound):
        await plant.ingestion.jobs.view("01985b0e-7c00-7000-8000-000000000001", plant.caller())


async def test_header_master_data_is_in_the_log_with_its_job(plant: Plant) -> None:
    """EPCIS-M1: as durable as the events, in the same append."""
    element = {
        "id": "urn:epc:id:sgln:9506000.00001.0",
        "attributes": [{"id": "urn:epcglobal:cbv:mda#name", "attribute": "Mill"}],
    }
    vocabulary = {"type": "urn:epcglobal:epcis:vtype:BusinessLocation", "vocabularyElementList": [element]}
    document = {
        **HEAD,
        "epcisHeader": {"epcisMasterData": {"vocabularyList": [vocabulary]}},
        "epcisBody": {"eventList": []},
    }
    body = json.dumps(document).encode()
    await plant.ingestion.document(body, "application/json", "rollback", plant.caller())
    await plant.settled()
    assert await plant.index.names([PLANT]) == {PLANT: "Mill"}


async def test_own_places_are_proposed_once(plant: Plant) -> None:
    await plant.ingestion.propose_own([PLANT])
    await plant.settled()
    await plant.ingestion.own([CASE], plant.caller())
    await plant.settled()
    await plant.ingestion.propose_own([PLANT])
    assert await plant.ingestion.own_now() == [CASE]


def refusal(body: bytes = b"{}") -> Refusal:
    return Refusal("POST /api/v1/activities", "bad input", 422, "why", body, "application/json")


async def test_a_refused_call_is_listed_once_the_index_is_back(plant: Plant, tmp_path: Path) -> None:
    plant.index.away = True
    (call_id,) = await plant.ingestion.refused.keep([refusal(b"4711")], plant.caller())
    plant.index.away = False
    assert [one.id for one in await plant.ingestion.refused.page(plant.caller(), None, None, 10)] == [call_id]
    kept = await plant.ingestion.refused.get(call_id, plant.caller())
    assert kept.body == b"4711"


async def test_another_process_lists_what_this_one_refused(plant: Plant, tmp_path: Path) -> None:
    plant.index.away = True
    (call_id,) = await plant.ingestion.refused.keep([refusal()], plant.caller())
    async with opened(tmp_path) as other:
        assert [one.id for one in await other.ingestion.refused.page(other.caller(), None, None, 10)] == [call_id]


async def test_a_key_has_a_bound_of_refused_calls(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refused_module, "MOST_PER_KEY", 3)
    await plant.ingestion.refused.keep([refusal()] * 3, plant.caller())
    with pytest.raises(Busy):
        await plant.ingestion.refused.keep([refusal()], plant.caller())
    assert len(await plant.ingestion.refused.keep([refusal()], plant.caller("other"))) == 1
    async with asyncio.timeout(5):
        assert len(await plant.log.read(REFUSED, 0, -1, 100)) == 4


async def test_a_body_above_a_mebibyte_is_not_kept(plant: Plant) -> None:
    assert await plant.ingestion.refused.keep([refusal(b"x" * 1_048_577)], plant.caller()) == [""]
    assert await plant.log.read(REFUSED, 0, -1, 100) == []


async def test_an_activity_retried_after_the_index_has_it_is_the_first_one(plant: Plant) -> None:
    body = json.dumps({"activity": "observe", "place": PLANT, "objects": [ITEM], "id": "a1"}).encode()
    told = []
    for _ in range(3):
        caller = plant.caller()
        answered = await plant.ingestion.activities(body, caller, Naming(None, caller.received_us))
        told.append(answered.verdicts[0]["outcome"])
        await plant.settled()
    assert told == ["captured", "duplicate", "duplicate"]


async def test_what_the_index_has_read_is_forgotten_and_still_known(plant: Plant) -> None:
    await plant.send(event(1))
    await plant.settled()
    steps = itertools.count(1_772_500_000_000_000, 1_000_000).__next__
    plant.ingestion._knowledge.clock = steps
    await plant.send(event(2))
    assert event(1)["eventID"] not in plant.ingestion._knowledge._recent
    assert outcomes(await plant.send(event(1))) == ["duplicate"]


async def test_a_capture_cut_short_is_voided_at_the_next_start(plant: Plant) -> None:
    """EPCIS-C3: what a crash left open is voided, and never seen."""
    await plant.send(event(1))
    records = list(await plant.log.read(FACTS, 0, -1, 2))
    told = {**json.loads(records[0].envelope), "capture": "cut-short", "event_id": event(2)["eventID"]}
    for stamp in (0, plant.clock()):
        cut = Record(0, 0, stamp, json.dumps({**told, "capture": f"cut-short-{stamp}"}).encode(), records[0].raw)
        await plant.log.append_copy(FACTS, 0, [cut])
    assert await plant.ingestion.recover() == ["cut-short-0"]
    await plant.settled()
    (still,) = plant.runner.checkpoint("index").partitions[0].open
    assert still[0] != "cut-short-0"
    assert outcomes(await plant.send(event(2))) == ["captured"]


async def test_a_conflict_that_only_the_logs_order_reveals_is_told_afterwards(plant: Plant, tmp_path: Path) -> None:
    """EPCIS-C9: the outcome of that event alone turns, and the job names the one that stands."""
    async with opened(tmp_path) as other:
        plant.index.away = other.index.away = True
        assert outcomes(await plant.send(event(1), source="line")) == ["captured"]
        lost = await other.send(event(2), event(1, epcList=[CASE]), source="dock")
        assert outcomes(lost) == ["captured", "captured"]
        plant.index.away = other.index.away = False
        await other.settled()
        (late,) = await other.ingestion.late_conflicts(other.caller("dock"))
        assert json.loads(late.raw.body)["epcList"] == [CASE]
        assert late.standing is not None
        assert (late.loser.position, late.standing.position) == ((0, 3), (0, 0))
        assert await other.ingestion.late_conflicts(other.caller("line")) == []
        view = await other.ingestion.jobs.view(lost.capture, other.caller("dock"))
        assert [one["outcome"] for one in view["events"]] == ["captured", "conflict"]
        assert view["success"] is True
        assert "offset 0 of partition 0" in view["warnings"][0]["detail"]
