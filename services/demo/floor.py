"""What the two lines share: the store, the pallets that wait, and the road to the three customers.

All state is bounded: lots are forgotten when they are used up, pallets when they are received.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.times import Instant
from services.demo import plant
from services.demo.plant import Named
from services.demo.writer import Amount, At, Event, Writer, clock, measured


@dataclass(slots=True)
class Lot:
    """A lot in the store: what is left of it, in `unit` (None for pieces)."""

    key: str
    left: float
    unit: str | None


@dataclass(slots=True)
class Pallet:
    """A pallet and its cases, for one customer."""

    key: str
    cases: list[str]
    customer: Named


@dataclass(slots=True)
class Floor:
    """One line of the plant: where its events go, its store and its dispatch dock.

    `mark` tells its numbers from those of other lines; the first line has none.
    """

    seed: int
    line: int
    start: Instant
    writer: Writer = field(init=False)
    chance: random.Random = field(init=False)
    store: dict[str, deque[Lot]] = field(default_factory=dict)
    waiting: list[Pallet] = field(default_factory=list)
    travelling: list[Pallet] = field(default_factory=list)
    units: int = 0

    def __post_init__(self) -> None:
        self.writer = Writer(self.seed, self.line, self.start)
        self.chance = random.Random(f"stemma-demo/{self.seed}/{self.line}")

    @property
    def mark(self) -> str:
        return f"-{self.line}" if self.line else ""

    def number(self, text: str) -> str:
        """A lot, serial or order number of this line."""
        return text + self.mark

    def dated(self, letters: str, day: int, tail: str = "") -> str:
        """A number such as `F-0612`, by month and day."""
        return self.number(f"{letters}-{self.writer.date(day)[5:].replace('-', '')}{tail}")

    def sscc(self) -> str:
        """The key of the next logistic unit."""
        self.units += 1
        return plant.sscc(self.line * 100_000 + self.units)

    def put(self, key: str, quantity: float, unit: str | None, product: Named) -> None:
        self.store.setdefault(product.key, deque()).append(Lot(key, quantity, unit))

    def left(self, product: Named) -> float:
        return sum(lot.left for lot in self.store.get(product.key, ()))

    def draw(self, product: Named, quantity: float) -> list[Amount]:
        """Takes the oldest lots first; where one runs out, the next is blended in."""
        taken: list[Amount] = []
        lots = self.store[product.key]
        while quantity > 0:
            lot = lots[0]
            part = min(lot.left, quantity)
            taken.append((lot.key, part, lot.unit))
            lot.left -= part
            quantity -= part
            if lot.left <= 0:
                lots.popleft()
        return taken

    def receive(
        self, at: At, product: Named, number: str, quantity: float, unit: str | None, supplier: Named
    ) -> tuple[Event, Event]:
        """A delivery of a supplier's lot, inspected on arrival; it stands in the store unless the caller keeps it."""
        lot = product.lot(number)
        order = self.number(f"{number}-{product.key[-6:]}")
        received = self.writer.object(
            at,
            "OBSERVE",
            "receiving",
            plant.RECEIVING,
            amounts=[(lot, quantity, unit)],
            location=plant.STORE,
            source=supplier,
            documents=[("po", f"PO-{order}"), ("desadv", f"DN-{order}")],
            operator=plant.ZHAO_LEI,
        )
        inspected = self.writer.object(
            (at[0], at[1] + 25),
            "OBSERVE",
            "inspecting",
            plant.RECEIVING,
            amounts=[(lot, quantity, unit)],
            disposition="conformant",
            result="pass",
            operator=plant.CHEN_JIE,
        )
        return received, inspected

    def stock_up(self, at: At, product: Named, number: str, quantity: float, unit: str | None, supplier: Named) -> None:
        """A delivery that goes into the store."""
        self.receive(at, product, number, quantity, unit, supplier)
        self.put(product.lot(number), quantity, unit, product)

    def palletise(self, at: At, cases: Sequence[str], customer: Named) -> Pallet:
        """Cases onto a new pallet, which waits at the dock."""
        pallet = Pallet(self.sscc(), list(cases), customer)
        self.writer.pack(at, plant.DISPATCH, pallet.key, pallet.cases, operator=plant.ZHAO_LEI)
        self.waiting.append(pallet)
        return pallet

    def arrivals(self, day: int) -> None:
        """The customers report what was shipped to them the day before."""
        pallets, self.travelling = self.travelling, []
        for n, pallet in enumerate(pallets):
            place = plant.CUSTOMER_PLACES[pallet.customer]
            at = (day, clock("08:10") + 7 * n)
            self.writer.object(at, "OBSERVE", "receiving", place, [pallet.key], location=place, source=plant.HEKOU)

    def departures(self, day: int) -> None:
        """Every waiting pallet leaves in the afternoon."""
        pallets, self.waiting = self.waiting, []
        for n, pallet in enumerate(pallets):
            self.ship((day, clock("16:00") + 5 * n), [pallet.key], pallet.customer)
        self.travelling.extend(pallets)

    def ship(
        self, at: At, epcs: Sequence[str], customer: Named, amounts: Sequence[Amount] = (), step: str = "shipping"
    ) -> Event:
        number = f"{self.writer.date(at[0])}-{self.writer.written}"
        return self.writer.object(
            at,
            "OBSERVE",
            step,
            plant.DISPATCH,
            epcs,
            amounts,
            disposition="in_transit",
            source=plant.HEKOU,
            destination=customer,
            documents=[("po", self.number(f"SO-{number}")), ("desadv", self.number(f"DN-{number}"))],
            operator=plant.ZHAO_LEI,
        )

    def inspect_units(self, at: At, epcs: Sequence[str], passed: bool, grams: float) -> Event:
        """A scale weighs the reference weight of 1,000 g."""
        return self.writer.object(
            at,
            "OBSERVE",
            "inspecting",
            plant.TESTING,
            epcs,
            disposition="conformant" if passed else "non_conformant",
            result="pass" if passed else "fail",
            sensors=measured("Mass", grams, "GRM", (998, 1002), plant.GAUGE),
            operator=plant.CHEN_JIE,
        )
