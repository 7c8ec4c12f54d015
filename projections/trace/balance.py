"""The inputs of a lot's balance: what the record says came and went, in exact decimals (trace.md section 6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from projections.genealogy.port import Bit, Part
from projections.trace.subgraph import Subgraph
from projections.trace.whereabouts import Whereabouts
from schemas.units import from_base, to_base

FIGURES = ("created", "received", "consumed", "shipped", "destroyed")


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure's event: `quantity` in the balance's unit, None where the event gives none or another dimension."""

    figure: str
    event: int
    quantity: Fraction | None


@dataclass(frozen=True, slots=True)
class Balance:
    """Figures in `unit` (of the first event that gives one), their events, and what they leave over.

    `unexplained` = created + received - consumed - shipped - destroyed: what should be on hand if nothing is missing.
    """

    unit: str | None
    entries: tuple[Entry, ...]
    figures: dict[str, Fraction]

    @property
    def remaining(self) -> Fraction:
        figures = self.figures
        return figures["created"] + figures["received"] - sum(figures[name] for name in FIGURES[2:])


def balance_of(graph: Subgraph, where: Whereabouts, thing: int) -> Balance | None:
    """The balance inputs of an object named by quantity; None if no event gives it one. What was shipped in a
    container counts if the graph watched the object (`Swept.on`)."""
    rows = graph.rows_of.of(thing)
    given = [one for row in rows.tolist() if (one := where.quantity_of(int(graph.row_extra[row]))) is not None]
    if not given:
        return None
    unit = given[0][1]
    made = graph.processes_of(thing)
    entries = [
        Entry(figure, int(graph.row_event[row]), _in_unit(where.quantity_of(int(graph.row_extra[row])), unit))
        for row in rows.tolist()
        for figure in _figures(graph, row, made)
    ]
    entries += _by_container(graph, where, thing, unit)
    entries.sort(key=lambda entry: entry.event)
    figures: dict[str, Fraction] = defaultdict(Fraction, dict.fromkeys(FIGURES, Fraction(0)))
    for entry in entries:
        figures[entry.figure] += entry.quantity or 0
    return Balance(unit, tuple(entries), dict(figures))


def _by_container(graph: Subgraph, where: Whereabouts, thing: int, unit: str | None) -> Iterator[Entry]:
    """What was used, destroyed or shipped in a container that held some of it by quantity."""
    for event, amount in where.taken_in_containers(thing, graph.processes_of(thing)):
        figure = "destroyed" if int(graph.at.bits[event]) & Bit.DESTROYS else "consumed"
        yield Entry(figure, event, None if amount is None else from_base(amount[0], amount[1], unit))
    for event, watched, way in graph.swept.on.tolist():
        if watched == thing and way >= 0 and int(graph.at.bits[event]) & Bit.SHIPS:
            for amount in where.held_at(thing, event):
                yield Entry("shipped", event, None if amount is None else from_base(amount[0], amount[1], unit))


def _figures(graph: Subgraph, row: int, made: set[int]) -> Iterator[str]:
    part, event = int(graph.row_part[row]), int(graph.row_event[row])
    bits = int(graph.at.bits[event])
    listed = part in (Part.EPC, Part.QUANTITY)
    if part in (Part.OUTPUT, Part.OUTPUT_QUANTITY):
        yield "created"
    elif part in (Part.INPUT, Part.INPUT_QUANTITY) and int(graph.process[event]) not in made:
        yield "consumed"
    elif listed and bits & Bit.RECEIVES:
        yield "received"
    elif listed and bits & Bit.OBJECT_EVENT and bits & Bit.ADD:
        yield "created"
    if listed and bits & Bit.SHIPS:
        yield "shipped"
    if listed and bits & Bit.DESTROYS:
        yield "destroyed"


def _in_unit(quantity: tuple[str, str | None] | None, unit: str | None) -> Fraction | None:
    if quantity is None:
        return None
    base = to_base(Decimal(quantity[0]), quantity[1])
    return None if base is None else from_base(base[0], base[1], unit)
