"""The episodes of the demo plant, each on its day of the story; docs/demo-plant.md tells them in order.

An episode is a function of the works and the day. What a later episode needs of an earlier one is kept in
`Works.kept`, by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from services.demo import plant
from services.demo.assembly import AssemblyLine
from services.demo.floor import Floor, Pallet
from services.demo.food import Batch, FoodLine, Plan
from services.demo.writer import Event, clock, temperatures

BAD_SESAME: Final = "SESAME-0612"
"""The lot number that a newcomer looks for: sesame that its grower reports as contaminated on day 20."""
SHARED_NUMBER: Final = "L2026-01"
"""One number, three lots: flour of one supplier, load cells of another, and packs of the plant's own."""


@dataclass(slots=True)
class Works:
    """Both lines of one floor, and what episodes remember for later ones."""

    floor: Floor
    food: FoodLine = field(init=False)
    assembly: AssemblyLine = field(init=False)
    kept: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.food = FoodLine(self.floor)
        self.assembly = AssemblyLine(self.floor)


def _legacy_board(works: Works, day: int) -> None:
    """A board from before the records began: its origin is recorded nowhere."""
    board = plant.BOARD.item(works.floor.number("OLD-BOARD-1"))
    scale = works.assembly.scale((day, clock("07:40")), works.floor.number("KS-OLD-1"), board)
    works.assembly.watched[scale] = None


def _one_number_three_lots(works: Works, day: int) -> None:
    floor, number = works.floor, works.floor.number(SHARED_NUMBER)
    floor.stock_up((day, clock("06:10")), plant.FLOUR, number, 500, "KGM", plant.MILL)
    floor.stock_up((day, clock("06:14")), plant.CELL, number, 60, None, plant.SENSORS)
    works.food.batch(Plan(day, 1, lot=number))


def _spare_sugar(works: Works, day: int) -> None:
    """Known, but never used."""
    works.floor.receive((day, clock("11:00")), plant.SUGAR, works.floor.number("SUGAR-SPARE"), 50, "KGM", plant.SWEET)


def _seen_on_pallet(works: Works, day: int) -> None:
    """A count at the dock: evidence that the cases are on the pallet, no packing."""
    pallet = works.floor.waiting[-1]
    at = (day, clock("15:50"))
    works.floor.writer.pack(at, plant.DISPATCH, pallet.key, pallet.cases, action="OBSERVE", step="cycle_counting")


def _board_swapped(works: Works, day: int) -> None:
    """Board C1 is in scale SWAP-1 from 10:02 to 11:40, then C2 takes its place."""
    line, number = works.assembly, works.floor.number
    first, second, *_ = line.receive_boards((day, clock("06:40")), number("PCB-SWAP"), 4)
    for board in (first, second):
        line.boards.remove(board)
    scale = line.scale((day, clock("10:00")), number("KS-SWAP-1"), first, passes=False)
    line.swap((day, clock("11:40")), scale, first, second)
    works.kept["C1"] = first


def _board_used_again(works: Works, day: int) -> None:
    """Board C1, repaired, ends up in scale SWAP-2."""
    scale = works.assembly.scale((day, clock("09:01")), works.floor.number("KS-SWAP-2"), works.kept.pop("C1"))
    works.assembly.watched[scale] = None


def _bad_sesame(works: Works, day: int) -> None:
    """60 kg arrive and pass inspection; two batches use 20 kg, the first one blended with the lot before."""
    floor, food = works.floor, works.food
    bad = plant.SESAME.lot(floor.number(BAD_SESAME))
    floor.receive((day, clock("06:05")), plant.SESAME, floor.number(BAD_SESAME), 60, "KGM", plant.SEEDS)
    before = floor.draw(plant.SESAME, 4)
    first = food.batch(Plan(day, 1, sesame=[*before, (bad, 8, "KGM")], customer=plant.METRO))
    bin_ = plant.REGRIND.lot(floor.number("REGRIND-BIN-1"))
    plan = Plan(day, 2, sesame=[(bad, 12, "KGM")], regrind=bin_, regrind_out=6, customer=plant.LUCKY)
    second = food.batch(plan)
    pulled = first.cases[0]
    first.pallet.cases.remove(pulled)
    at = (day, clock("15:10"))
    floor.writer.pack(at, plant.DISPATCH, first.pallet.key, [pulled], action="DELETE", step="unpacking")
    at = (day, clock("15:20"))
    floor.writer.object(at, "OBSERVE", "storing", plant.STORE, [pulled], disposition="sellable_not_accessible")
    works.kept |= {"bad": bad, "bin": bin_, "first": first, "second": second}


def _regrind_topped_up(works: Works, day: int) -> None:
    """The bin goes into a batch whose own breakage goes back into the bin: a cycle."""
    works.food.batch(Plan(day, 1, regrind=works.kept["bin"], regrind_in=6, regrind_out=6, customer=plant.HARBOUR))


def _regrind_emptied(works: Works, day: int) -> None:
    works.food.batch(Plan(day, 1, regrind=works.kept["bin"], regrind_in=6, customer=plant.METRO))


def _case_sold(works: Works, day: int) -> None:
    """The customer's store empties the pallet of the second batch, opens a case and sells twenty packs."""
    writer, second = works.floor.writer, works.kept["second"]
    shop = plant.CUSTOMER_PLACES[plant.LUCKY]
    writer.pack((day, clock("09:10")), shop, second.pallet.key, action="DELETE", step="unpacking")
    writer.pack((day, clock("09:30")), shop, second.cases[0], action="DELETE", step="unpacking")
    writer.object((day, clock("18:00")), "OBSERVE", "retail_selling", shop, amounts=[(second.packs, 20, None)])


def _case_returned(works: Works, day: int) -> None:
    works.floor.writer.object(
        (day, clock("10:30")),
        "OBSERVE",
        "receiving",
        plant.RECEIVING,
        [works.kept["second"].cases[1]],
        location=plant.QUARANTINE,
        disposition="returned",
        source=plant.LUCKY,
        documents=[("rma", works.floor.dated("RMA", day))],
        operator=plant.ZHAO_LEI,
    )


def _wrong_scan(works: Works, day: int) -> None:
    """The packer scans the lot of the batch before; nobody notices until the pallet is gone."""
    food = works.food
    others = [food.bake(plan, food.mix(plan)) for plan in (Plan(day, 1), Plan(day, 2))]
    first = food.wrap(Plan(day, 1), *others[0])
    works.kept["wrong"] = food.wrap(Plan(day, 2), *others[1], scanned=first.biscuits)
    works.kept["right"] = others[1][0]


def _scan_corrected(works: Works, day: int) -> None:
    """The packing is declared an error, and what should have been recorded stands instead."""
    wrong: Batch = works.kept.pop("wrong")
    event, writer = wrong.packing, works.floor.writer
    used = [dict(entry) for entry in event["inputQuantityList"]]
    used[0]["epcClass"] = works.kept.pop("right")
    at = (day, clock("13:00"))
    better = writer.corrected(event, at, inputQuantityList=used)
    writer.declare_wrong(at, event, [better])
    writer.append(better)


def _hot_oven(works: Works, day: int) -> None:
    """Oven 3 is too hot from 10:00 to 10:40, as the second batch of the day is in it (09:50 to 10:25)."""
    food, writer = works.food, works.floor.writer
    plan = Plan(day, 2, oven=plant.OVEN_3)
    dough = food.mix(plan)
    order = works.floor.dated("MO", day, "-2-BAKE")
    biscuits = plant.BISCUITS.lot(works.floor.dated("B", day, "-2"))
    where = {"order": order, "resource": plant.OVEN_3, "operator": plant.WANG_WEI}
    writer.make((day, clock("09:50")), plant.BAKERY, used=[dough], **where)  # type: ignore[arg-type]
    for text in ("10:00", "10:20", "10:40"):
        at = (day, clock(text))
        sensors = temperatures(writer.text(at), 247.5, 244, 251, plant.PROBE)
        sensors[0]["sensorReport"][0]["exception"] = "ALARM_CONDITION"
        writer.object(at, "OBSERVE", "sensor_reporting", plant.BAKERY, sensors=sensors, resource=plant.OVEN_3)
    writer.make((day, clock("10:25")), plant.BAKERY, made=[(biscuits, 90, "KGM")], **where)  # type: ignore[arg-type]
    food.wrap(plan, biscuits, 90)


def _batch_destroyed(works: Works, day: int) -> None:
    """A batch fails its final inspection and is destroyed."""
    food, plan = works.food, Plan(day, 1)
    biscuits, kilograms = food.bake(plan, food.mix(plan))
    food.check(plan, biscuits, kilograms, passed=False)
    works.floor.writer.object(
        (day, clock("13:30")),
        "DELETE",
        "destroying",
        plant.QUARANTINE,
        amounts=[(biscuits, kilograms, "KGM")],
        disposition="destroyed",
    )


def _sesame_held(works: Works, day: int) -> None:
    """The grower warns of salmonella in the lot; the 40 kg that are left go to quarantine."""
    works.floor.writer.object(
        (day, clock("14:00")),
        "OBSERVE",
        "holding",
        plant.STORE,
        amounts=[(works.kept["bad"], 40, "KGM")],
        location=plant.QUARANTINE,
        disposition="non_sellable_other",
        operator=plant.CHEN_JIE,
    )


def _outputs_first(works: Works, day: int) -> None:
    """Backflush: the dough is reported today, what went into it three days later (see `_inputs_late`)."""
    food, plan = works.food, Plan(day, 1)
    biscuits, kilograms = food.bake(plan, food.mix_out(plan, 100))
    food.check(plan, biscuits, kilograms, passed=True)
    food.wrap(plan, biscuits, kilograms)
    works.kept["backflush"] = plan


def _inputs_late(works: Works, day: int) -> None:
    food, plan = works.food, works.kept.pop("backflush")
    parts = ((plant.FLOUR, 60), (plant.SUGAR, 20), (plant.OIL, 8), (plant.SESAME, 12))
    food.mix_in(plan, [part for product, kilograms in parts for part in works.floor.draw(product, kilograms)])


def _scale_returned(works: Works, day: int) -> None:
    """Two scales come back: the one of the old board, and the one of the swapped board."""
    scales = [plant.SCALE.item(works.floor.number(number)) for number in ("KS-OLD-1", "KS-SWAP-2")]
    shop = plant.CUSTOMER_PLACES[plant.HARBOUR]
    for n, scale in enumerate(scales):
        case = works.assembly.watched.pop(scale)
        at = (day - 2, clock("10:00") + n)
        works.floor.writer.pack(at, shop, str(case), [scale], action="DELETE", step="unpacking")
    works.floor.writer.object(
        (day, clock("11:00")),
        "OBSERVE",
        "receiving",
        plant.RECEIVING,
        scales,
        location=plant.QUARANTINE,
        disposition="returned",
        source=plant.HARBOUR,
        documents=[("rma", works.floor.dated("RMA", day, "-2"))],
    )
    works.kept["returned"] = scales


def _reworked_and_sent_on(works: Works, day: int) -> None:
    """The second scale is refurbished, in and out of one process, and goes to another customer."""
    scale = works.kept["returned"][1]
    at = (day, clock("10:10"))
    works.floor.writer.make(
        at, plant.TESTING, inputs=[scale], outputs=[scale], order=works.floor.dated("RW", day), operator=plant.CHEN_JIE
    )
    works.floor.inspect_units((day, clock("10:50")), [scale], True, 1000.2)
    works.floor.ship((day, clock("16:40")), [scale], plant.LUCKY)


def _pallet_split(works: Works, day: int) -> None:
    """Half of a pallet goes to one customer, half to another."""
    floor = works.floor
    pallet = floor.waiting[0]
    half = pallet.cases[len(pallet.cases) // 2 :]
    at = (day, clock("15:55"))
    floor.writer.pack(at, plant.DISPATCH, pallet.key, half, action="DELETE", step="unpacking")
    pallet.cases = pallet.cases[: len(pallet.cases) // 2]
    other = plant.LUCKY if pallet.customer is not plant.LUCKY else plant.METRO
    floor.palletise((day, clock("15:57")), half, other)


def _shipping_voided(works: Works, day: int) -> None:
    """A pallet is booked out, but the lorry is full: the shipping is voided, the pallet leaves the day after."""
    floor = works.floor
    pallet = floor.waiting.pop(0)
    floor.ship((day, clock("15:58")), [pallet.key], pallet.customer)
    floor.ship((day, clock("16:58")), [pallet.key], pallet.customer, step="void_shipping")
    works.kept["left behind"] = pallet


def _left_behind_leaves(works: Works, day: int) -> None:
    pallet: Pallet = works.kept.pop("left behind")
    works.floor.waiting.insert(0, pallet)


def _sent_twice(works: Works, day: int) -> None:
    """A scanner sends the same event again, and another one has lost its clock."""
    writer = works.floor.writer
    lot = plant.SUGAR.lot(works.floor.number("SUGAR-SPARE"))
    sent = writer.object((day, clock("09:45")), "OBSERVE", "storing", plant.STORE, amounts=[(lot, 50, "KGM")])
    writer.append(sent)
    reset: Event = writer.object((day, clock("09:50")), "OBSERVE", "storing", plant.STORE, amounts=[(lot, 50, "KGM")])
    reset["eventTime"] = "1970-01-01T08:03:12+08:00"


def _kit_carton(works: Works, day: int) -> None:
    """A carton with boards and cells is the input: its contents go into the service kits with it."""
    floor, line = works.floor, works.assembly
    carton = floor.sscc()
    boards = [line.boards.popleft(), line.boards.popleft()]
    cells = floor.draw(plant.CELL, 2)
    floor.writer.pack((day, clock("08:20")), plant.STORE, carton, boards, cells, operator=plant.ZHAO_LEI)
    kits = plant.SERVICE_KIT.lot(floor.dated("SK", day))
    floor.writer.make(
        (day, clock("09:00")),
        plant.ASSEMBLY,
        inputs=[carton],
        made=[(kits, 2, None)],
        order=floor.dated("SK", day),
        operator=plant.WANG_WEI,
    )


def _gift_sets(works: Works, day: int) -> None:
    """Scales and packs of the case that was pulled on day 12 meet in gift sets, by an aggregation that assembles."""
    floor, first = works.floor, works.kept["first"]
    floor.writer.pack(
        (day, clock("08:50")),
        plant.PACKING,
        first.cases[0],
        amounts=[(first.packs, 4, None)],
        action="DELETE",
        step="unpacking",
    )
    for n in (1, 2):
        at = (day, clock("14:55") + n)
        gift = plant.GIFT_SET.item(floor.number(f"GIFT-{n}"))
        floor.writer.object((at[0], at[1] - 30), "ADD", "commissioning", plant.PACKING, [gift])
        scale = works.assembly.built.pop()
        floor.writer.pack(at, plant.PACKING, gift, [scale], [(first.packs, 2, None)], step="assembling")
        customer = plant.METRO if n == 1 else plant.HARBOUR
        floor.ship((day, clock("16:50") + n), [gift], customer)
        if n == 1:
            floor.travelling.append(Pallet(gift, [], customer))


def _four_left_over(works: Works, day: int) -> None:
    """Four scales are not packed; the day after, nobody scans which of them goes where."""
    del works.assembly.built[-4:]


def _lot_by_quantity(works: Works, day: int) -> None:
    """Three scales of yesterday's lot go out by quantity: nobody scanned which; the fourth becomes a service kit."""
    floor, lot = works.floor, plant.SCALE.lot(works.assembly.lot(day - 1))
    floor.ship((day, clock("17:10")), [], plant.LUCKY, [(lot, 3, None)])
    kits = plant.SERVICE_KIT.lot(floor.dated("SK", day))
    floor.writer.make(
        (day, clock("13:10")), plant.ASSEMBLY, used=[(lot, 1, None)], made=[(kits, 1, None)], operator=plant.WANG_WEI
    )


def _taken_apart(works: Works, day: int) -> None:
    """The returned scale of the old board is stripped of all its parts and destroyed."""
    scale = works.kept["returned"][0]
    works.floor.writer.remove((day, clock("10:00")), scale, [], plant.TESTING, plant.CHEN_JIE)
    works.floor.writer.object(
        (day, clock("10:30")), "DELETE", "destroying", plant.QUARANTINE, [scale], disposition="destroyed"
    )


def _scales_sold(works: Works, day: int) -> None:
    """The store sells the refurbished scale."""
    shop = plant.CUSTOMER_PLACES[plant.LUCKY]
    at = (day, clock("12:00"))
    works.floor.writer.object(at, "OBSERVE", "receiving", shop, [works.kept["returned"][1]], location=shop)
    works.floor.writer.object((day, clock("17:30")), "OBSERVE", "retail_selling", shop, [works.kept["returned"][1]])


Episode = Callable[[Works, int], None]
MORNING: Final[dict[int, tuple[Episode, ...]]] = {
    2: (_legacy_board,),
    3: (_one_number_three_lots,),
    4: (_spare_sugar,),
    9: (_board_swapped,),
    10: (_board_used_again,),
    12: (_bad_sesame,),
    13: (_regrind_topped_up,),
    14: (_regrind_emptied, _case_sold),
    16: (_case_returned,),
    17: (_wrong_scan,),
    18: (_hot_oven,),
    19: (_scan_corrected,),
    20: (_batch_destroyed, _sesame_held),
    21: (_outputs_first, _scale_returned),
    23: (_reworked_and_sent_on,),
    24: (_inputs_late,),
    25: (_scales_sold,),
    26: (_sent_twice, _left_behind_leaves),
    27: (_kit_carton,),
    29: (_lot_by_quantity, _taken_apart),
}
"""Episodes before the day's ordinary work."""
EVENING: Final[dict[int, tuple[Episode, ...]]] = {
    5: (_seen_on_pallet,),
    24: (_pallet_split,),
    25: (_shipping_voided,),
    28: (_gift_sets, _four_left_over),
}
"""Episodes between the ordinary work and the departures."""
BATCHES_TOLD: Final = {3: 1, 12: 2, 13: 1, 14: 1, 17: 2, 18: 2, 20: 1, 21: 1}
"""The last batch number of a day that its episodes take; ordinary batches are counted on from there."""
