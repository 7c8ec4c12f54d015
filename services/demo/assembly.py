"""The assembly line: serialised boards, load cells and moulded housings to kitchen scales, each tested."""

from __future__ import annotations

from collections import deque
from typing import Final

from services.demo import plant
from services.demo.floor import Floor
from services.demo.plant import Named
from services.demo.writer import At, clock

CASE: Final = 6
"""Scales in a case."""
_BOARDS: Final = 24
_ROTATION: Final = (plant.HARBOUR, plant.LUCKY)


class AssemblyLine:
    """Builds one scale after another on a floor, and packs them at the end of the day."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.writer = floor.writer
        self.boards: deque[str] = deque()
        self.built: list[str] = []
        self.watched: dict[str, str | None] = {}
        """Scales of the story, and the case that each was packed in."""

    def supply(self, day: int, units: int) -> None:
        """Boards, cells, resin and housings for `units` scales."""
        floor = self.floor
        delivery = 0
        while len(self.boards) < units + 4:
            self.receive_boards((day, clock("06:50") + delivery), floor.dated("PCB", day, f"-{delivery}"), _BOARDS)
            delivery += 1
        if floor.left(plant.CELL) < units:
            number = floor.dated("C", day)
            floor.stock_up((day, clock("07:00")), plant.CELL, number, 100 + units, None, plant.SENSORS)
        if floor.left(plant.RESIN) < 2 * units:
            number = floor.dated("ABS", day)
            floor.stock_up((day, clock("07:05")), plant.RESIN, number, 150 + 2 * units, "KGM", plant.POLYMERS)
        if floor.left(plant.HOUSING) < units:
            self.mould(day, units + 40)

    def receive_boards(self, at: At, lot: str, count: int) -> list[str]:
        """Boards come with serials, and their Digital Links name the lot too (R2)."""
        serials = [f"{lot}.{n:03d}" for n in range(1, count + 1)]
        head = plant.BOARD.lot(lot)
        self.writer.object(
            at,
            "OBSERVE",
            "receiving",
            plant.RECEIVING,
            [f"{head}/21/{serial}" for serial in serials],
            location=plant.STORE,
            source=plant.BOARDS,
            documents=[("po", f"PO-{lot}"), ("desadv", f"DN-{lot}")],
            operator=plant.ZHAO_LEI,
        )
        boards = [plant.BOARD.item(serial) for serial in serials]
        self.boards.extend(boards)
        return boards

    def mould(self, day: int, count: int) -> str:
        """Housings from resin, one lot a shift."""
        lot = plant.HOUSING.lot(self.floor.dated("H", day))
        kilograms = (count + 1) // 2
        self.writer.make(
            (day, clock("07:20")),
            plant.MOULDING,
            used=self.floor.draw(plant.RESIN, kilograms),
            made=[(lot, count, None)],
            order=self.floor.dated("MH", day),
            resource=plant.PRESS,
            operator=plant.WANG_WEI,
        )
        self.floor.put(lot, count, None, plant.HOUSING)
        return lot

    def lot(self, day: int) -> str:
        """Number of the day's lot of scales."""
        return self.floor.dated("KS", day)

    def scale(self, at: At, serial: str, board: str | None = None, *, passes: bool = True) -> str:
        """One scale: made from housing, cell and screws, its board installed, tested. Returns its key."""
        made = plant.SCALE.item(serial)
        self.writer.make(
            at,
            plant.ASSEMBLY,
            used=[*self.floor.draw(plant.HOUSING, 1), *self.floor.draw(plant.CELL, 1), (plant.SCREW.key, 4, None)],
            outputs=[made],
            order=f"{self.lot(at[0])}-{serial}",
            lot=self.lot(at[0]),
            disposition="in_progress",
            resource=plant.BENCH,
            operator=plant.WANG_WEI,
        )
        board = board or self.boards.popleft()
        self.writer.install((at[0], at[1] + 2), made, board, plant.ASSEMBLY, plant.WANG_WEI)
        grams = self.floor.chance.randint(9985, 10015) / 10 if passes else 1013.6
        self.floor.inspect_units((at[0], at[1] + 95), [made], passes, grams)
        if passes:
            self.built.append(made)
        return made

    def ordinary(self, day: int, n: int) -> None:
        """The n-th scale of the day; now and then one fails, gets another board, and its first board is destroyed."""
        at = (day, clock("08:00") + 6.5 * n)
        serial = self.floor.dated("KS", day, f".{n:03d}")
        if self.floor.chance.random() >= 0.03:
            self.scale(at, serial)
            return
        bad = self.boards.popleft()
        scale = self.scale(at, serial, bad, passes=False)
        self.swap((day, at[1] + 110), scale, bad, self.boards.popleft())
        self.writer.object((day, at[1] + 150), "DELETE", "destroying", plant.TESTING, [bad], disposition="destroyed")

    def swap(self, at: At, scale: str, old: str, new: str) -> None:
        """Takes one board out, puts another in, and tests again."""
        self.writer.remove(at, scale, [old], plant.TESTING, plant.CHEN_JIE)
        self.writer.install((at[0], at[1] + 10), scale, new, plant.TESTING, plant.CHEN_JIE)
        self.floor.inspect_units((at[0], at[1] + 25), [scale], True, 999.8)
        self.built.append(scale)

    def pack_up(self, day: int, customer: Named | None = None) -> list[str]:
        """The day's scales into cases and onto one pallet. Returns the cases."""
        scales, self.built = self.built, []
        groups = [scales[at : at + CASE] for at in range(0, len(scales), CASE)]
        cases: list[str] = []
        for n, group in enumerate(groups):
            case = self.floor.sscc()
            self.writer.pack((day, clock("15:00") + 4 * n), plant.PACKING, case, group, operator=plant.LI_NA)
            cases.append(case)
            self.watched |= {scale: case for scale in group if scale in self.watched}
        if cases:
            self.floor.palletise((day, clock("15:40")), cases, customer or _ROTATION[day % 2])
        return cases
