"""Asking a question and putting the answer together: what the rules found, and what only the service knows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from projections.genealogy.port import Limits, Reader
from projections.trace.answer import Answer
from projections.trace.neighbours import neighbours
from projections.trace.question import RULES, Direction, Question
from projections.trace.trace import Traced, trace
from schemas.questions import QuestionRequest
from schemas.times import utc_text
from services.recall.becauses import put_into_words
from services.recall.driving import Turns
from services.recall.reading import read_question
from services.recall.tokens import After

if TYPE_CHECKING:
    from services.bootstrap import House

Walk = Callable[[Reader, Question, Sequence[str]], Awaitable[Traced]]


class Recall:
    """Impact, provenance and what is built on them, for one house."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._turns = Turns()

    async def watermark_us(self) -> int:
        """The least watermark of the stores a question reads: genealogy and event index."""
        runner = self.house.runner
        return min(runner.checkpoint("genealogy").watermark_us, runner.checkpoint("index").watermark_us)

    async def read(self, request: QuestionRequest, direction: Direction) -> Question:
        """Errors: `BadInput`."""
        return await read_question(
            request, direction, self.house.index, self.house.settings.base, await self.watermark_us()
        )

    async def answer(
        self, question: Question, request: dict[str, Any], language: str, *, one_step: bool = False
    ) -> dict[str, Any]:
        """The whole answer of api.md, or the same of one step alone. Errors: `Busy`, `Unavailable`."""
        own = sorted(await self.house.index.own_places(question.known_us))
        found = await self.run(lambda: self._page(question, own, neighbours if one_step else trace))
        last = found.pop("last")
        put_into_words((flag for listed in found["objects"] for flag in listed["flags"]), language)
        return {
            "question": {**request, "direction": question.direction},
            "basis": await self.basis(question),
            **found,
            "flags": _clocks(found["objects"]),
            "next": None if last is None else After(last[0], last[1], question.known_us).token(),
            "names": await self._named(found, language, question.known_us),
        }

    async def _page(self, question: Question, own: list[str], walk: Walk) -> dict[str, Any]:
        async with self.house.genealogy.reader(Limits(question.known_us, question.happened_by)) as reader:
            answer = await Answer.of(await walk(reader, question, own), self.house.settings.base)
            return await answer.page(question.filter, question.after, question.limit)

    async def run(self, work: Callable[[], Coroutine[Any, Any, dict[str, Any]]]) -> dict[str, Any]:
        """Run what reads the genealogy where it holds up nobody, a few at a time. Errors: `Busy`."""
        return await self._turns.run(work, in_thread=self.house.genealogy.computes)

    async def stream(self, question: Question) -> AsyncIterator[list[dict[str, Any]]]:
        """Every object of the answer, some at a time. Errors: as `answer`, before the first."""
        own = sorted(await self.house.index.own_places(question.known_us))

        async def work() -> AsyncIterator[list[dict[str, Any]]]:
            async with self.house.genealogy.reader(Limits(question.known_us, question.happened_by)) as reader:
                answer = await Answer.of(await trace(reader, question, own), self.house.settings.base)
                async for objects in answer.stream(question.filter):
                    yield objects

        async for objects in self._turns.stream(work, in_thread=self.house.genealogy.computes):
            yield objects

    async def basis(self, question: Question) -> dict[str, Any]:
        """What the answer rests on."""
        house = self.house
        lag = await house.runner.lag()
        return {
            "position": (await house.position()).token(),
            "known_at": utc_text(question.known_us),
            "rules": RULES,
            "lag_events": lag.events,
            "lag_seconds": round(lag.seconds, 3),
            "not_projected": len(await house.index.poison()),
        }

    async def _named(self, found: dict[str, Any], language: str, known_us: int) -> dict[str, str]:
        return await self.house.index.names(sorted(set(_keys(found))), language, known_us)


def _keys(found: dict[str, Any]) -> Iterable[str]:
    """Every key on the page that may have a name: objects, their products, places and parties."""
    yield from found["totals"]["by_place"]
    yield from found["totals"]["by_product"]
    yield from found["totals"]["by_consignee"]
    for listed in found["objects"]:
        yield listed["object"]
        yield from (listed["place"] or "",)
        yield from listed["consignees"]
        yield from listed["possible_consignees"]
        yield from listed["carriers"]
    for carrier in found["carriers"]:
        yield carrier["object"]
        yield carrier["place"] or ""
    for stop in found["stopped_at"]:
        yield stop["object"]


def _clocks(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Flags of wrong clocks that the page rests on, each event once."""
    found = {flag["event"]: flag for listed in objects for flag in listed["flags"] if flag["flag"] == "clock"}
    return [found[event] for event in sorted(found)]
