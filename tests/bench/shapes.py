"""Hard shapes of a genealogy, embedded: a fan, a chain, a tote used over and over, a vessel of many draws, a ladder.

`--full` takes the sizes of the issue: a fan of a million units, 10,000 uses and draws. Each question is held against
the number of objects that the shape has, so that a bench that is quick because it is wrong fails.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from projections.facts import Link, Mention, Role
from projections.genealogy.embedded import EmbeddedGenealogy
from projections.port import Fact
from projections.trace.question import Direction
from projections.trace.warm import warm
from tests.bench.plant import GOODS, HOST, RAW, fact
from tests.bench.served import Plan
from tests.bench.trace import ask, fill

CHAIN: Final = 200
STEPS: Final = 20
_FAN: Final = 1_000
"""Units made of one intermediate lot."""
_TOTE: Final = f"{HOST}/8003/09521000000018T1"


@dataclass(frozen=True, slots=True)
class Shape:
    """Events in order, and questions: key, direction, and how many objects the whole answer has, the seed included."""

    name: str
    events: list[Fact]
    questions: Sequence[tuple[str, Direction, int]]


def bench(plan: Plan) -> None:
    """Print what each question took at best of three."""
    size, uses = (1_000_000, 10_000) if plan.full else (20_000, 1_000)
    warm()
    for shape in (fan(size), chain(CHAIN), tote(uses), vessel(uses), ladder(STEPS)):
        for line in asyncio.run(measured(shape)):
            print(line, flush=True)


async def measured(shape: Shape) -> list[str]:
    """A line for each question. Errors: AssertionError for an answer of another size."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        genealogy = await EmbeddedGenealogy.open(Path(folder) / "genealogy.sqlite")
        count, seconds = await fill(genealogy, shape.events)
        for key, direction, objects in shape.questions:
            taken = []
            for _ in range(3):
                started, worked = time.perf_counter(), time.process_time()
                found = await ask(genealogy, key, direction=direction)
                taken.append((time.process_time() - worked, time.perf_counter() - started))
                assert found == objects, f"{shape.name}, {direction}: {found} objects in place of {objects}"
            work, wall = min(taken)
            told = f"{work * 1000:.1f} ms of processor time, {wall * 1000:.1f} ms by the clock"
            lines.append(
                f"{shape.name}: {count:,} events in {seconds:.1f} s; {direction} to {objects:,} objects: {told}"
            )
        await genealogy.close()
    return lines


def fan(size: int) -> Shape:
    """One lot into intermediate lots, each into a thousand units."""
    mids = max(1, size // _FAN)

    def events() -> Iterator[Fact]:
        number = 0
        for mid in range(mids):
            lot = f"{GOODS}/10/F{mid}"
            units = [f"{GOODS}/21/F{mid}-{n}" for n in range(size // mids)]
            for inputs, outputs, role in (
                ([f"{RAW}/10/FAN"], [lot], Role.OUTPUT_QUANTITY),
                ([lot], units, Role.OUTPUT),
            ):
                number += 1
                yield _made(number, inputs, outputs, role)

    made = size // mids * mids
    last = f"{GOODS}/21/F{mids - 1}-0"
    return Shape(
        f"fan of {made:,} units", list(events()), [(f"{RAW}/10/FAN", "forward", 1 + mids + made), (last, "backward", 3)]
    )


def chain(depth: int) -> Shape:
    """A lot made of a lot, and so on."""
    keys = [f"{GOODS}/10/C{n}" for n in range(depth + 1)]
    made = [_made(n, [a], [b]) for n, (a, b) in enumerate(pairwise(keys), 1)]
    ends: list[tuple[str, Direction, int]] = [(keys[0], "forward", depth + 1), (keys[-1], "backward", depth + 1)]
    return Shape(f"chain {depth} deep", made, ends)


def tote(uses: int) -> Shape:
    """A container packed with one item, moved and emptied, again and again; none of the items meets another."""

    def events() -> Iterator[Fact]:
        for use in range(uses):
            inside = [Mention(_TOTE, Role.PARENT), Mention(f"{GOODS}/21/T{use}", Role.CHILD)]
            yield _packed(3 * use + 1, "ADD", inside)
            yield fact(3 * use + 2, "ObjectEvent", "OBSERVE", "storing", Link.NONE, [Mention(_TOTE, Role.EPC)], False)
            yield _packed(3 * use + 3, "DELETE", inside)

    return Shape(f"tote used {uses:,} times", list(events()), [(f"{GOODS}/21/T{uses // 2}", "forward", 1)])


def vessel(draws: int) -> Shape:
    """A tank filled from ten lots by turns, and drawn from into lots."""
    tank = f"{GOODS}/10/TANK"

    def events() -> Iterator[Fact]:
        for n in range(draws):
            if n % (draws // 10) == 0:
                yield _made(2 * n + 1, [f"{RAW}/10/V{n // (draws // 10)}"], [tank])
            yield _made(2 * n + 2, [tank], [f"{GOODS}/10/D{n}"])

    first, last = f"{RAW}/10/V0", f"{GOODS}/10/D{draws - 1}"
    ends: list[tuple[str, Direction, int]] = [
        (tank, "forward", draws + 1), (first, "forward", draws + 2), (last, "backward", 12)
    ]  # fmt: skip
    return Shape(f"vessel of {draws:,} draws", list(events()), ends)


def ladder(steps: int) -> Shape:
    """Two lots blended into two lots, and so on: the paths are two to the power of the steps, the lots twice them."""
    level = [[f"{GOODS}/10/L{n}-{side}" for side in (0, 1)] for n in range(steps + 1)]
    made = [
        _made(2 * n + side, level[n], [level[n + 1][side]]) for n in range(steps) for side in (0, 1)
    ]  # fmt: skip
    ends: list[tuple[str, Direction, int]] = [
        (level[0][0], "forward", 2 * steps + 1), (level[-1][1], "backward", 2 * steps + 1)
    ]  # fmt: skip
    return Shape(f"ladder of {steps} blends", made, ends)


def _made(number: int, inputs: list[str], outputs: list[str], role: Role = Role.OUTPUT_QUANTITY) -> Fact:
    mentions = [*(Mention(key, Role.INPUT_QUANTITY) for key in inputs), *(Mention(key, role) for key in outputs)]
    return fact(number, "TransformationEvent", None, None, Link.NONE, mentions, False)


def _packed(number: int, action: str, mentions: list[Mention]) -> Fact:
    return fact(number, "AggregationEvent", action, "packing", Link.CONTAINED, mentions, False)
