"""What the genealogy adds to a timeline: events by way of containers, flags, and the states of objects over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from projections.genealogy.port import Limits
from projections.index.timeline import TimelineQuery
from projections.trace.concerned import Concerned, events_on, states_at
from projections.trace.flags import Because, flags_on
from schemas.times import Instant
from services.recall.becauses import because
from services.recall.driving import Turns
from services.timeline.buckets import points
from services.waiting import GENEALOGY, INDEX

Json = dict[str, Any]
MOST_FLAGGED: Final = 500
"""Objects of a page whose flags are derived."""
MOST_MOMENTS: Final = 200
"""Moments at which states are told."""


def watermark_us(house: Any) -> int:
    """The least watermark of the stores that a timeline reads."""
    return int(min(house.runner.checkpoint(store).watermark_us for store in (GENEALOGY, INDEX)))


class Around:
    """Asks the genealogy, a few questions at a time and off the event loop. `house` is the opened `House`."""

    def __init__(self, house: Any) -> None:
        self._house = house
        self._turns = Turns()

    async def concerning(self, query: TimelineQuery) -> tuple[TimelineQuery, Concerned]:
        """The query with the events that concern its objects without naming them: shown for those asked for, taken out
        for those excluded; and which of them concern whom."""
        shown = await self._on(query, query.included.get("object", ()))
        hidden = await self._on(query, query.excluded.get("object", ()))
        excluded = {**query.excluded, "event": hidden.event_ids}
        return replace(query, by_way=shown.event_ids, excluded=excluded), shown

    async def _on(self, query: TimelineQuery, keys: Sequence[str]) -> Concerned:
        if not keys:
            return Concerned((), False)
        genealogy = self._house.genealogy

        async def work() -> Concerned:
            async with genealogy.reader(Limits(query.known_us, query.happened_by)) as reader:
                return await events_on(reader, keys)

        return await self._turns.run(work, in_thread=genealogy.computes)

    async def flags(self, query: TimelineQuery, events: Sequence[Any], language: str) -> dict[str, list[Json]]:
        """Flags of the events on a page, by eventID, told in `zh` or `en`."""
        keys = list(dict.fromkeys(one.object for event in events for one in event.facts.mentions))[:MOST_FLAGGED]
        if not keys:
            return {}
        genealogy = self._house.genealogy

        async def work() -> list[tuple[str, str, Because]]:
            async with genealogy.reader(Limits(query.known_us, query.happened_by)) as reader:
                handles = await reader.find(keys)
                handles = np.unique(handles[handles >= 0])
                return await flags_on(reader, handles) if handles.size else []

        found: dict[str, list[Json]] = {}
        for flag, event_id, why in await self._turns.run(work, in_thread=genealogy.computes):
            found.setdefault(event_id, []).append({"flag": flag, "event": event_id, "because": because(why, language)})
        return found

    async def lanes(self, query: TimelineQuery, entries: Sequence[Json], most: int) -> tuple[list[Json], bool]:
        """A lane an object: its events, and its states from the one held at `from` on; whether anything was cut."""
        asked = query.included.get("object") or sorted({one["object"] for entry in entries for one in entry["objects"]})
        keys = list(asked)[:most]
        shown = sorted(entries, key=lambda entry: Instant.parse(entry["time"]))
        moments = sorted({Instant.parse(entry["time"]) for entry in shown})
        if query.start is not None:
            moments = [query.start, *(one for one in moments if one != query.start)]
        kept, cut, genealogy = moments[:MOST_MOMENTS], len(moments) > MOST_MOMENTS, self._house.genealogy
        own = sorted(await self._house.index.own_places(query.known_us))

        async def work() -> list[dict[str, str]]:
            return await states_at(genealogy, keys, query.known_us, kept, own)

        states = await self._turns.run(work, in_thread=genealogy.computes)
        lanes = [
            {
                "lane": key,
                "points": points([entry for entry in shown if _concerns(entry, key)]),
                "bars": _bars([(moment, told[key]) for moment, told in zip(kept, states, strict=True)], cut),
            }
            for key in keys
        ]
        return lanes, len(asked) > most or cut


def _concerns(entry: Json, key: str) -> bool:
    return any(one["object"] == key for one in (*entry["objects"], *entry["by_way_of"]))


def _bars(told: Sequence[tuple[Instant, str]], cut: bool) -> list[Json]:
    """Equal states in a row as one bar; none while nothing is known of the object. `cut`: later moments were left out,
    so the last bar ends with the last moment that was looked at."""
    bars: list[Json] = []
    for moment, state in told:
        if bars and bars[-1]["state"] == state:
            continue
        if bars:
            bars[-1]["to"] = moment.text()
        if bars or state != "unknown":
            bars.append({"from": moment.text(), "to": None, "process": None, "state": state})
    if bars and cut:
        bars[-1]["to"] = told[-1][0].text()
    return bars
