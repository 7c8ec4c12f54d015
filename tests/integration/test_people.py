"""Accounts in a real database, by two processes' worth of stores on one log: what one does holds for the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from events.access import AccessKind
from events.port import ACCESS
from events.sqlite_log import SqliteEventLog
from schemas.errors import Conflict, NotFound, Unavailable
from services.accounts.people import Caller, People
from services.accounts.record import FAILURES, AccessRecord
from services.accounts.seen import Sought
from services.accounts.tables import digest_of, metadata
from services.clock import system_clock
from services.workbench import FRESH_SECONDS, Workbench
from tests.integration.test_workbench import url
from tests.people import NOBODY, PASSWORD

__all__ = ["url"]

FRESH = FRESH_SECONDS
Two = tuple[People, People, SqliteEventLog]


@pytest_asyncio.fixture
async def two(url: str, tmp_path: Path) -> AsyncIterator[Two]:
    log = await SqliteEventLog.open(tmp_path / "log.sqlite")
    pools = await asyncio.gather(*(Workbench.open(url, metadata) for _ in range(2)))
    one, other = [await People.open(pool, log, system_clock) for pool in pools]
    yield one, other, log
    for pool in pools:
        await pool.close()
    await log.close()


async def first(people: People, name: str = "boss") -> tuple[str, str]:
    """The first account and the text of its session."""
    link = await people.links.make("administrator", None, "terminal")
    text, principal = await people.redeem(link, name, None, PASSWORD, NOBODY)
    assert principal.account_id is not None
    return principal.account_id, text


async def kinds(people: People) -> list[AccessKind]:
    return [one.access.kind for one in await people.seen.page(Sought(descending=False), 1000)]


async def test_a_session_made_by_one_is_known_to_the_other_and_ends_there_too(two: Two) -> None:
    one, other, _ = two
    account_id, text = await first(one)
    await asyncio.sleep(FRESH)
    principal = await other.sessions.principal(text)
    assert principal is not None
    assert principal.account_id == account_id
    await one.sign_out(principal, "192.0.2.1", everywhere=False)
    assert await one.sessions.principal(text) is None
    await asyncio.sleep(FRESH)
    assert await other.sessions.principal(text) is None
    assert await other.accounts.defined()


async def test_a_link_that_two_use_at_once_makes_one_account(two: Two) -> None:
    one, other, _ = two
    link = await one.links.make("administrator", None, "terminal")
    done = await asyncio.gather(
        *(people.redeem(link, f"boss{n}", None, PASSWORD, NOBODY) for n, people in enumerate((one, other))),
        return_exceptions=True,
    )
    assert [type(result) for result in done if isinstance(result, Exception)] == [NotFound]
    await one.accounts.read()
    assert len(await one.accounts.all()) == 1
    assert (await kinds(one)).count("account_made") == 1


async def test_a_name_that_two_take_at_once_is_given_once(two: Two) -> None:
    one, other, _ = two
    await first(one)
    done = await asyncio.gather(
        *(people.add("li.na", "", ["inspector"], NOBODY) for people in (one, other)), return_exceptions=True
    )
    assert [type(result) for result in done if isinstance(result, Exception)] == [Conflict]
    await one.accounts.read()
    assert [made.name for made in await one.accounts.all()] == ["boss", "li.na"]


async def test_both_follow_the_record_of_access_and_neither_has_a_record_twice(two: Two) -> None:
    one, other, _ = two
    account_id, _ = await first(one)
    caller = Caller(f"account:{account_id}", "192.0.2.1")
    for n in range(20):
        await one.add(f"worker{n}", "", ["inspector"], caller)
    found = await asyncio.gather(*(people.seen.page(Sought(descending=False), 1000) for people in (one, other) * 3))
    offsets = [[each.offset for each in page] for page in found]
    assert offsets == [list(range(22))] * 6
    assert len(await one.seen.page(Sought(kinds=("account_made",), actors=(f"account:{account_id}",)), 1000)) == 21


async def test_what_cannot_be_recorded_is_not_done(two: Two) -> None:
    one, _, log = two
    account_id, text = await first(one)
    await log.close()
    caller = Caller(f"account:{account_id}", "192.0.2.1")
    principal = await one.sessions.principal(text)
    assert principal is not None
    for change in (
        one.add("li.na", "", ["inspector"], caller),
        one.change(account_id, caller, "other", ["administrator", "auditor"], None),
        one.new_link(account_id, caller),
        one.sign_in("boss", PASSWORD, caller),
        one.sign_out(principal, "192.0.2.1", everywhere=True),
    ):
        with pytest.raises(Unavailable):
            await change
    await one.accounts.read()
    (boss,) = await one.accounts.all()
    assert boss.shown == "boss"
    assert await one.sessions.good(digest_of(text)) is not None


async def test_a_flood_of_failures_is_recorded_up_to_a_bound_and_counted_beyond(two: Two) -> None:
    one, _, log = two
    seconds = [0.0]
    limited = AccessRecord(log, system_clock, lambda: seconds[0])
    for _ in range(FAILURES.burst + 47):
        await limited.failed("unknown", "192.0.2.1")
    assert (await log.ends(ACCESS))[0] == FAILURES.burst - 1
    seconds[0] += FAILURES.seconds
    await limited.failed("unknown", "192.0.2.1")
    (newest,) = await one.seen.page(Sought(), 1)
    assert newest.access.body["unrecorded_before"] == 47


async def test_the_list_is_made_again_when_the_log_is_another_one(url: str, tmp_path: Path) -> None:
    for name in ("before", "after"):
        log = await SqliteEventLog.open(tmp_path / f"{name}.sqlite")
        workbench = await Workbench.open(url, metadata)
        people = await People.open(workbench, log, system_clock)
        await people.record.add("sign_out", name, None)
        assert [one.access.actor for one in await people.seen.page(Sought(), 10)] == [name]
        await workbench.close()
        await log.close()
