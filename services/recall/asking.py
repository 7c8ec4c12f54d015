"""Asking a question and putting the answer together: what the rules found, and what only the service knows."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from projections.genealogy.port import Limits
from projections.trace.answer import Answer, Row
from projections.trace.flags import flags_of
from projections.trace.question import RULES, Direction, Question
from projections.trace.trace import trace
from schemas.questions import QuestionRequest
from schemas.times import utc_text
from services.recall.driving import Turns
from services.recall.reading import read_question
from services.recall.tokens import After

if TYPE_CHECKING:
    from services.bootstrap import House


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer: its rows, and whether more follow."""

    rows: list[Row]
    more: bool


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

    async def answer(self, question: Question, request: dict[str, Any], language: str) -> dict[str, Any]:
        """The whole answer of api.md. Errors: `Busy`, `Unavailable`."""
        own = sorted(await self.house.index.own_places(question.known_us))
        found = await self.compute(question, own, page_of=True)
        return {
            "question": {**request, "direction": question.direction},
            "basis": await self.basis(question),
            **found,
            "names": await self._named(found, language, question.known_us),
        }

    async def compute(self, question: Question, own: list[str], *, page_of: bool) -> dict[str, Any]:
        """What the rules say, computed where it holds up nobody."""
        genealogy = self.house.genealogy

        async def work() -> dict[str, Any]:
            async with genealogy.reader(Limits(question.known_us, question.happened_by)) as reader:
                traced = await trace(reader, question, own)
                answer = await Answer.of(traced, self.house.settings.base)
                return await (_page(answer, question) if page_of else _all(answer, question))

        return await self.run(work)

    async def run(self, work: Callable[[], Coroutine[Any, Any, dict[str, Any]]]) -> dict[str, Any]:
        """Run what reads the genealogy where it holds up nobody, a few at a time. Errors: `Busy`."""
        return await self._turns.run(work, in_thread=self.house.genealogy.computes)

    async def objects(self, question: Question) -> list[dict[str, Any]]:
        """Every object of the answer, for streams. Errors: as `answer`."""
        own = sorted(await self.house.index.own_places(question.known_us))
        found = await self.compute(replace(question, limit=None, after=None), own, page_of=False)
        rows: list[dict[str, Any]] = found["objects"]
        return rows

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


async def _page(answer: Answer, question: Question) -> dict[str, Any]:
    chosen = answer.chosen(question.filter)
    page = _cut(chosen, question)
    relations, processes, cut = await answer.relations(page.rows, question.limit or len(page.rows))
    objects = await _flagged(answer, page.rows)
    last = page.rows[-1] if page.more else None
    found = {
        "seeds": answer.seeds(),
        "totals": answer.totals(answer.rows),
        "objects": objects,
        "processes": processes,
        "relations": relations,
        **answer.whole(),
        "flags": _clocks(objects),
        "next": None if last is None else After(last.depth, last.key, question.known_us).token(),
        "capped": cut,
    }
    if question.filter:
        found["filtered"] = answer.totals(chosen)
    return found


async def _all(answer: Answer, question: Question) -> dict[str, Any]:
    return {"objects": [answer.object(row) for row in answer.chosen(question.filter)]}


def _cut(rows: list[Row], question: Question) -> Page:
    if question.after is not None:
        after = question.after
        rows = [row for row in rows if (row.depth, row.key) > after]
    if question.limit is None or len(rows) <= question.limit:
        return Page(rows, False)
    return Page(rows[: question.limit], True)


async def _flagged(answer: Answer, rows: list[Row]) -> list[dict[str, Any]]:
    flags = await flags_of(answer.traced.graph, [row.number for row in rows if row.number is not None])
    objects = []
    for row in rows:
        listed = answer.object(row)
        mine = [] if row.number is None else flags.get(row.number, [])
        listed["flags"] = [
            {"flag": flag.flag, "event": answer.event_id(flag.event), "because": flag.because} for flag in mine
        ]
        objects.append(listed)
    return objects


def _clocks(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Flags of wrong clocks that the page rests on, each event once."""
    found = {flag["event"]: flag for listed in objects for flag in listed["flags"] if flag["flag"] == "clock"}
    return [found[event] for event in sorted(found)]
