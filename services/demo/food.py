"""The food line: flour, sugar, oil and sesame to dough, to biscuits, to packs in cases on pallets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.demo import plant
from services.demo.floor import Floor, Pallet
from services.demo.plant import Named
from services.demo.writer import Amount, At, Event, clock, measured, temperatures

RECIPE: Final = ((plant.FLOUR, 60), (plant.SUGAR, 20), (plant.OIL, 8))
"""Kilograms in one batch, beside sesame."""
SESAME: Final = 12
DOUGH: Final = 100
BAKED: Final = 90
CASE: Final = 100
"""Packs in a case; a batch fills four cases and leaves a few packs in the store."""
_SUPPLY: Final = (
    (plant.FLOUR, "F", 500, "KGM", plant.MILL),
    (plant.SUGAR, "Z", 170, "KGM", plant.SWEET),
    (plant.OIL, "O", 130, "KGM", plant.SWEET),
    (plant.SESAME, "S", 100, "KGM", plant.SEEDS),
    (plant.FILM, "W", 900, "MTR", plant.WRAPS),
)
_ROTATION: Final = (plant.METRO, plant.LUCKY, plant.METRO, plant.HARBOUR)


@dataclass(frozen=True, slots=True)
class Plan:
    """One batch: when, and what is out of the ordinary about it.

    `sesame` replaces what the store would give; `regrind` is the lot that is drawn on and topped up, `regrind_in` and
    `regrind_out` its kilograms; `lot` is the number of the packs.
    """

    day: int
    number: int
    sesame: Sequence[Amount] = ()
    regrind: str | None = None
    regrind_in: int = 0
    regrind_out: int = 0
    lot: str | None = None
    oven: Named = plant.OVEN_2
    customer: Named | None = None

    def at(self, minutes: float) -> At:
        """Minutes after the batch began; one begins every 50 minutes from 07:50 on."""
        return self.day, clock("07:50") + 50 * (self.number - 1) + minutes


@dataclass(slots=True)
class Batch:
    """What a batch became."""

    biscuits: str
    packs: str
    kilograms: int
    packing: Event
    cases: list[str]
    pallet: Pallet


class FoodLine:
    """Bakes one batch after another on a floor."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.writer = floor.writer

    def supply(self, day: int, batches: int) -> None:
        """Deliveries of the morning: whatever would not last for `batches`."""
        needs = {plant.SESAME.key: SESAME, plant.FILM.key: 50} | {product.key: kg for product, kg in RECIPE}
        for n, (product, letter, quantity, unit, supplier) in enumerate(_SUPPLY):
            count = 0
            while self.floor.left(product) < batches * needs[product.key]:
                number = self.floor.dated(letter, day, f"-{count}" if count else "")
                self.floor.stock_up((day, clock("06:30") + 6 * n + count), product, number, quantity, unit, supplier)
                count += 1

    def batch(self, plan: Plan) -> Batch:
        """A whole batch, from mixing to the pallet at the dock."""
        dough = self.mix(plan)
        biscuits, kilograms = self.bake(plan, dough)
        self.check(plan, biscuits, kilograms, passed=True)
        return self.wrap(plan, biscuits, kilograms)

    def mix(self, plan: Plan) -> Amount:
        """Dough of one order in two events: what went in, and half an hour later what came out."""
        used = [part for product, kilograms in RECIPE for part in self.floor.draw(product, kilograms)]
        used += plan.sesame or self.floor.draw(plant.SESAME, SESAME)
        if plan.regrind is not None and plan.regrind_in:
            used.append((plan.regrind, plan.regrind_in, "KGM"))
        self.mix_in(plan, used)
        return self.mix_out(plan, DOUGH + plan.regrind_in)

    def mix_in(self, plan: Plan, used: Sequence[Amount]) -> None:
        self.writer.make(
            plan.at(0),
            plant.MIXING,
            used=used,
            order=self._order(plan),
            documents=[("prodorder", self._order(plan))],
            resource=plant.MIXER,
            operator=plant.LI_NA,
        )

    def mix_out(self, plan: Plan, kilograms: int) -> Amount:
        dough = plant.DOUGH.lot(self.floor.dated("D", plan.day, f"-{plan.number}"))
        self.writer.make(
            plan.at(30),
            plant.MIXING,
            made=[(dough, kilograms, "KGM")],
            order=self._order(plan),
            disposition="in_progress",
            resource=plant.MIXER,
            operator=plant.LI_NA,
        )
        return dough, kilograms, "KGM"

    def bake(self, plan: Plan, dough: Amount) -> tuple[str, int]:
        """Biscuits of a lot of their own; what breaks goes into the regrind lot of the plan."""
        biscuits = plant.BISCUITS.lot(self.floor.dated("B", plan.day, f"-{plan.number}"))
        kilograms = BAKED + plan.regrind_in - plan.regrind_out
        made: list[Amount] = [(biscuits, kilograms, "KGM")]
        if plan.regrind is not None and plan.regrind_out:
            made.append((plan.regrind, plan.regrind_out, "KGM"))
        mean = self.floor.chance.randint(1780, 1840) / 10
        at = plan.at(75)
        self.writer.make(
            at,
            plant.BAKERY,
            used=[dough],
            made=made,
            order=f"{self._order(plan)}-BAKE",
            disposition="in_progress",
            sensors=temperatures(self.writer.text(at), mean, round(mean - 6, 1), round(mean + 5, 1), plant.PROBE),
            resource=plan.oven,
            operator=plant.WANG_WEI,
        )
        return biscuits, kilograms

    def check(self, plan: Plan, biscuits: str, kilograms: int, *, passed: bool) -> Event:
        """Final inspection of the loose biscuits: moisture in per cent of mass."""
        moisture = self.floor.chance.randint(24, 33) / 10 if passed else 6.8
        return self.writer.object(
            plan.at(95),
            "OBSERVE",
            "inspecting",
            plant.BAKERY,
            amounts=[(biscuits, kilograms, "KGM")],
            disposition="conformant" if passed else "non_conformant",
            result="pass" if passed else "fail",
            sensors=measured("urn:stemma:characteristic:moisture", moisture, "P1", (2, 4), plant.GAUGE),
            operator=plant.CHEN_JIE,
        )

    def wrap(self, plan: Plan, biscuits: str, kilograms: int, *, scanned: str | None = None) -> Batch:
        """Packs of 200 g, sealed with glue that nobody tracks by lot; `scanned` is what a wrong scan names instead."""
        packs = plant.PACK.lot(plan.lot or self.floor.dated("P", plan.day, f"-{plan.number}"))
        at, count = plan.at(110), kilograms * 5
        used = [(scanned or biscuits, kilograms, "KGM"), *self.floor.draw(plant.FILM, 50)]
        packing = self.writer.make(
            at,
            plant.PACKING,
            used=[*used, (plant.GLUE.key, 1, "KGM")],
            made=[(packs, count, None)],
            order=f"{self._order(plan)}-PACK",
            expiry=self.writer.date(plan.day + 180),
            disposition="sellable_not_accessible",
            resource=plant.PACKER,
            operator=plant.LI_NA,
        )
        cases = [self.fill(plan.at(114 + 3 * n), [(packs, CASE, None)]) for n in range(4)]
        customer = plan.customer or _ROTATION[(plan.day + plan.number) % len(_ROTATION)]
        pallet = self.floor.palletise(plan.at(130), cases, customer)
        self.writer.object(plan.at(132), "OBSERVE", "storing", plant.STORE, amounts=[(packs, count - 4 * CASE, None)])
        return Batch(biscuits, packs, kilograms, packing, cases, pallet)

    def fill(self, at: At, amounts: Sequence[Amount]) -> str:
        """A new case with packs in it."""
        case = self.floor.sscc()
        self.writer.pack(at, plant.PACKING, case, amounts=amounts, operator=plant.LI_NA)
        return case

    def _order(self, plan: Plan) -> str:
        return self.floor.dated("MO", plan.day, f"-{plan.number}")
