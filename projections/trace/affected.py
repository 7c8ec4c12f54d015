"""The affected objects of a traced question as columns: chosen, counted and put in order without a string each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from projections.genealogy.port import KINDS, Ints, Mask
from projections.trace.columns import distinct_sorted
from projections.trace.kernels import coded
from projections.trace.known import Known
from projections.trace.question import Filter
from projections.trace.trace import Traced
from projections.trace.whereabouts import STATES, Whereabouts
from schemas.identifiers import Identifier, Kind, identify

_NOT_KINDS: Final = (Kind.PLACE, Kind.PARTY)
WORDS: Final = tuple(str(Kind.OTHER if kind in _NOT_KINDS else kind) for kind in KINDS)
"""Kinds as an answer names them, by code: places and parties named as objects are `other`."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Positions in `Affected.numbers`, and the numbers (negative) of seeds that no event of any time mentions."""

    at: Ints
    unheard: list[int]


class Affected:
    """Columns of equal length over the objects reached: `numbers` of the subgraph, ascending, their `depth`,
    `certain`, `kind` and `state` codes, and codes of `place` and `product` with the texts they stand for (-1: none).

    A seed that no event of any time mentions has a number below 0: `~n` is the n-th of `unheard`.
    """

    def __init__(self, traced: Traced, where: Whereabouts, known: Known, base: str | None) -> None:
        graph, closure = traced.graph, traced.closure
        self._graph, self._where, self._known = graph, where, known
        self.numbers = closure.reached
        self.depth, self.certain = closure.depth[self.numbers], closure.certain[self.numbers] == 1
        self.kind, self.state = graph.kinds[self.numbers], where.states[self.numbers]
        event = graph.swept.place_event[self.numbers]
        handles = graph.place[event] if graph.place.size else np.full(event.size, -1, np.int64)
        self.place, self.places = coded(np.where(event >= 0, handles, -1))
        self.place_texts: list[str] = []
        self.product: Ints = np.full(self.numbers.size, -1, np.int64)
        self.products: list[str] = []
        keys = dict.fromkeys(key for resolved in traced.resolved for key in resolved.unheard)
        self.unheard: list[Identifier] = [identify(key, base) for key in keys]

    @classmethod
    async def of(cls, traced: Traced, where: Whereabouts, known: Known, base: str | None) -> Affected:
        found = cls(traced, where, known, base)
        await known.learn_names(found.places)
        found.place_texts = [known.text(name) if name >= 0 else "" for name in found.places.tolist()]
        found.product, products = await traced.graph.reader.products(traced.graph.names[found.numbers])
        found.products = list(products)
        return found

    def key(self, number: int) -> str:
        return self._known.key(number) if number >= 0 else self.unheard[~number].key

    def place_text(self, code: int) -> str:
        """An unknown place is the text ""."""
        return self.place_texts[code]

    def chosen(self, wanted: Filter) -> Chosen:
        """Those that a filter lets through."""
        if not wanted:
            return Chosen(np.arange(self.numbers.size), [~n for n in range(len(self.unheard))])
        mask = np.ones(self.numbers.size, np.bool_)
        for texts, codes, words in (
            (wanted.kind, self.kind, WORDS),
            (wanted.state, self.state, STATES),
            (wanted.place, self.place, self.place_texts),
            (wanted.product, self.product, [*self.products, ""]),
            (wanted.certainty, self.certain.astype(np.int64), ("possible", "certain")),
        ):
            if texts:
                mask &= np.array([word in texts for word in words], np.bool_)[codes]
        if wanted.consignee:
            mask &= self._where.sent_to(wanted.consignee)[self.numbers]
        return Chosen(np.flatnonzero(mask), [~n for n, one in enumerate(self.unheard) if _passes(one, wanted)])

    def totals(self, chosen: Chosen) -> dict[str, Any]:
        """Counts of those chosen; an unknown place is the key ""."""
        at, extra = chosen.at, [self.unheard[~number] for number in chosen.unheard]
        certain = int(self.certain[at].sum()) + len(extra)
        products = [one.product for one in extra if one.product is not None]
        count = at.size + len(extra)
        return {
            "objects": count,
            "certain": certain,
            "possible": count - certain,
            "by_kind": _counted(self.kind[at], WORDS, [WORDS[KINDS.index(one.kind)] for one in extra]),
            "by_state": _counted(self.state[at], STATES, ["unknown"] * len(extra)),
            "by_place": _counted(self.place[at], self.place_texts, [""] * len(extra)),
            "by_product": _counted(self.product[at][self.product[at] >= 0], self.products, products),
            "by_consignee": self._where.objects_by_consignee(self._mask(at)),
        }

    def _mask(self, at: Ints) -> Mask:
        mask = np.zeros(self._graph.names.size, np.bool_)
        mask[self.numbers[at]] = True
        return mask

    async def order(self, chosen: Chosen, after: tuple[int, str] | None, limit: int | None) -> list[int]:
        """Numbers in the order (depth, key) beyond `after`, at most `limit`; their keys are not learned."""
        depths = self.depth[chosen.at]
        levels = distinct_sorted(np.append(depths, np.zeros(min(len(chosen.unheard), 1), np.int64)))
        listed: list[int] = []
        for level in levels.tolist():
            left = None if limit is None else limit - len(listed)
            if after is not None and level < after[0]:
                continue
            beyond = after[1] if after is not None and level == after[0] else None
            numbers = self.numbers[chosen.at[depths == level]]
            found = await self._graph.reader.first(self._graph.names[numbers], beyond, left)
            here: list[int] = self._graph.numbers(found).tolist()
            if level == 0 and chosen.unheard:
                await self._known.learn(here)
                here += [number for number in chosen.unheard if beyond is None or self.key(number) > beyond]
                here.sort(key=self.key)
            listed += here[:left]
            if limit is not None and len(listed) >= limit:
                break
        return listed


def _passes(one: Identifier, wanted: Filter) -> bool:
    given = (
        (wanted.kind, WORDS[KINDS.index(one.kind)]),
        (wanted.state, "unknown"),
        (wanted.place, ""),
        (wanted.product, one.product or ""),
        (wanted.certainty, "certain"),
    )
    return not wanted.consignee and all(not texts or word in texts for texts, word in given)


def _counted(codes: Ints, words: Any, extra: list[str]) -> dict[str, int]:
    """How often each word occurs, by word; several codes may be one word."""
    counts: dict[str, int] = {}
    for word, count in zip(words, np.bincount(codes, minlength=len(words)).tolist(), strict=False):
        if count:
            counts[word] = counts.get(word, 0) + count
    for word in extra:
        counts[word] = counts.get(word, 0) + 1
    return dict(sorted(counts.items()))
