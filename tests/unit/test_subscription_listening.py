"""What wakes a subscription: facts as they are applied, what other processes applied, and what was there before it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from events.reading import Checkpoint, PartitionPoint
from projections.facts import EventFacts, Link
from projections.index.asked import Columns
from projections.index.standing import Met
from projections.port import Batch, Fact
from schemas.times import Instant
from services.epcis.subscriptions.listening import Listener, Watch

SHIPPING = (Columns("step", ("shipping",)),)


def facts(step: str) -> EventFacts:
    none: Any = ()
    return EventFacts(
        "urn:x", Instant(5), "ObjectEvent", "OBSERVE", step, None, None, None, None, Link.NONE, none, none, none, none,
        none, none, None, None, None,
    )  # fmt: skip


def reached(*record_us: int) -> Checkpoint:
    return Checkpoint(tuple(PartitionPoint(us, us) for us in record_us))


class Runner:
    """A runner that does what the test says."""

    def __init__(self) -> None:
        self.point = reached(10, 10)
        self.hearer: Any = None

    def checkpoint(self, name: str) -> Checkpoint:
        return self.point

    def hear(self, name: str, hearer: Any) -> None:
        self.hearer = hearer

    def apply(self, after: Checkpoint, *events: tuple[str, int]) -> None:
        made = [Fact(0, us, us, b"", "s", False, facts(step)) for step, us in events]
        batch = Batch((), made, (), self.point, after)
        self.point = after
        self.hearer(batch)


class Index:
    """An index that holds what another process wrote."""

    def __init__(self) -> None:
        self.events: list[Met] = []
        self.read = 0

    async def met_page(self, after: Any, limit: int, known_us: int) -> tuple[Sequence[Met], Any]:
        self.read += 1
        found = [one for one in self.events if after[0] < one.record_us <= known_us]
        return found, (found[-1].record_us, "", b"") if found else None


class Woken:
    """A listener with one watch on shipping, and how often it was woken."""

    def __init__(self) -> None:
        self.runner, self.index = Runner(), Index()
        self.listener = Listener(self.index, self.runner)  # type: ignore[arg-type]
        self.times = 0

    def watch(self) -> Watch:
        return self.listener.add("shipping", SHIPPING, self._wake)

    def _wake(self) -> None:
        self.times += 1

    async def settle(self) -> int:
        """How often it was woken since."""
        before = self.times
        await asyncio.sleep(0.4)
        return self.times - before

    async def ask(self, watch: Watch) -> None:
        self.listener.asked(watch, self.listener.level_us)


async def test_a_watch_is_woken_by_what_it_may_concern_alone() -> None:
    """EPCIS-S5: once the level has passed it."""
    it = Woken()
    await it.listener.start()
    watch = it.watch()
    assert await it.settle(), "once at the beginning"
    await it.ask(watch)
    it.runner.apply(reached(20, 20), ("receiving", 20))
    assert not await it.settle()
    it.runner.apply(reached(30, 20), ("shipping", 30))
    await it.settle()
    await it.ask(watch)
    assert not await it.settle(), "not visible yet"
    it.runner.apply(reached(30, 30))
    assert await it.settle()
    await it.ask(watch)
    assert not await it.settle()
    await it.listener.stop()


async def test_what_was_applied_before_the_watch_and_becomes_visible_after_it_wakes_it() -> None:
    """EPCIS-S5: another partition held it back when the subscription began."""
    it = Woken()
    await it.listener.start()
    it.runner.apply(reached(30, 10), ("shipping", 30))
    watch = it.watch()
    assert await it.settle()
    await it.ask(watch)
    it.runner.apply(reached(30, 30))
    assert await it.settle()
    await it.listener.stop()


async def test_what_another_process_applied_wakes_it_too() -> None:
    """EPCIS-S5: read from the index, above the level too."""
    it = Woken()
    await it.listener.start()
    watch = it.watch()
    assert await it.settle()
    await it.ask(watch)
    it.index.events = [Met(facts("receiving"), 15, ()), Met(facts("shipping"), 30, ())]
    it.runner.point = reached(30, 15)
    await it.settle()
    await it.ask(watch)
    assert not await it.settle(), "not visible yet"
    it.runner.apply(reached(30, 30))
    assert await it.settle()
    assert it.index.read
    await it.listener.stop()
