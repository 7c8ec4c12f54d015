"""The whole list of affected objects as an Excel workbook: what was asked and by whom on the first sheet, then totals,
consignees and every object.

Each cell is written as text, so that `0012` and codes of 20 digits stay what they are and nothing is ever a formula;
counts alone are numbers. Rows go to the disk as they come, so that memory does not grow with them.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

import xlsxwriter

from services.words import word, word_or

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS: Final = 1_048_576
"""Rows of a sheet (ECMA-376 part 1, 18.3.1.73); more objects go to a further sheet."""
MOST_CHARACTERS: Final = 32_767
"""Characters of a cell."""
_CHUNK: Final = 65_536
_LISTED: Final = ("carriers", "consignees", "possible_consignees")
_COLUMNS: Final = (
    ("object", 52), ("name", 28), ("kind", 12), ("certainty", 10), ("depth", 7), ("state", 12), ("place", 40),
    ("place_name", 24), ("since", 22), ("last_event", 40), ("by_way_of", 40), ("carriers", 40), ("consignees", 40),
    ("possible_consignees", 40),
)  # fmt: skip
_HEADINGS: Final = {
    "place_name": "name", "last_event": "lastEvent", "by_way_of": "byWayOf", "consignees": "consignee",
    "possible_consignees": "possibleConsignees",
}  # fmt: skip
_COUNTED: Final = (("kind", "kind."), ("state", "status."), ("place", ""), ("product", ""), ("consignee", ""))
Json = dict[str, Any]
NamesOf = Callable[[Sequence[str]], Awaitable[Mapping[str, str]]]
"""Names of those keys that have one."""


@dataclass(frozen=True, slots=True)
class Cover:
    """What the first sheets say: the answer's first page, whose totals are of all; when it was exported (RFC 3339 in
    UTC) and by whom; the language, `zh` or `en`."""

    answer: Json
    made: str
    by: str
    language: str


async def workbook(cover: Cover, pieces: AsyncIterator[list[Json]], names: NamesOf) -> AsyncIterator[bytes]:
    """The file in parts, once it is whole. Errors: those of `pieces` and `names`."""
    with tempfile.TemporaryFile() as file:
        book = _Book(file, cover)
        await asyncio.to_thread(book.begin)
        async for objects in pieces:
            keys = {key for one in objects for key in _named(one)}
            told = await names(sorted(keys))
            await asyncio.to_thread(book.add, objects, told)
        await asyncio.to_thread(book.end)
        file.seek(0)
        while part := await asyncio.to_thread(file.read, _CHUNK):
            yield part


def _named(one: Json) -> Iterator[str]:
    yield one["object"]
    if one["place"]:
        yield one["place"]


class _Book:
    """The workbook as it is written: not on the event loop."""

    def __init__(self, file: IO[bytes], cover: Cover) -> None:
        options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
        self._book = xlsxwriter.Workbook(file, options)
        self._bold = self._book.add_format({"bold": True})
        self._cover, self._language = cover, cover.language
        self._sheet: Any = None
        self._row = MOST_ROWS
        self._sheets = 0

    def begin(self) -> None:
        """Every sheet before the objects."""
        self._question()
        self._totals()
        self._consignees()
        self._next_sheet()

    def add(self, objects: Sequence[Json], names: Mapping[str, str]) -> None:
        """Rows of objects, in a further sheet where one is full."""
        for one in objects:
            if self._row >= MOST_ROWS:
                self._next_sheet()
            told = self._told(one, names)
            for column, (name, _) in enumerate(_COLUMNS):
                if name == "depth":
                    self._sheet.write_number(self._row, column, one[name])
                else:
                    self._text(self._sheet, self._row, column, told[name])
            self._row += 1

    def end(self) -> None:
        self._book.close()

    def _told(self, one: Json, names: Mapping[str, str]) -> dict[str, str | None]:
        listed = {name: self._list(one[name]) for name in _LISTED}
        return {
            **{name: one[name] for name in ("object", "place", "since", "last_event", "by_way_of")},
            **listed,
            "name": names.get(one["object"]),
            "place_name": names.get(one["place"] or ""),
            "kind": self._word("kind." + one["kind"], one["kind"]),
            "state": self._word("status." + one["state"], one["state"]),
            "certainty": self._word("certainty." + one["certainty"], one["certainty"]),
        }

    def _list(self, keys: Sequence[str]) -> str:
        """Keys in one cell, as many as it holds, and how many more there are."""
        shown = " ".join(keys)
        if len(shown) <= MOST_CHARACTERS:
            return shown
        kept, room = 0, MOST_CHARACTERS - 40
        while room - len(keys[kept]) - 1 > 0:
            room -= len(keys[kept]) + 1
            kept += 1
        return " ".join(keys[:kept]) + " " + self._say("more").replace("{n}", str(len(keys) - kept))

    def _next_sheet(self) -> None:
        self._sheets += 1
        name = self._say("objects") + ("" if self._sheets == 1 else f" {self._sheets}")
        headings = [self._say(_HEADINGS.get(name, name)) for name, _ in _COLUMNS]
        self._sheet = self._new(name, headings, [width for _, width in _COLUMNS])
        self._row = 1

    def _question(self) -> None:
        answer, question = self._cover.answer, self._cover.answer["question"]
        rows = [("direction", self._say("direction." + question["direction"]))]
        rows += [("seed", _seed(one)) for one in question["seeds"]]
        rows += [("filter", f"{name}: {' '.join(some)}") for name, some in question.get("filter", {}).items() if some]
        rows += [
            ("happenedBy", question.get("happened_by") or ""),
            ("knownAt", answer["basis"]["known_at"]),
            ("position", answer["basis"]["position"]),
            ("notProjected", str(answer["basis"]["not_projected"])),
            ("affected", str(answer["totals"]["objects"])),
            ("listed", str((answer.get("filtered") or answer["totals"])["objects"])),
            ("made", self._cover.made),
            ("by", self._cover.by),
        ]
        sheet = self._new(self._say("question"), [], [26, 90])
        for row, (key, value) in enumerate(rows):
            sheet.write_string(row, 0, self._say(key), self._bold)
            self._text(sheet, row, 1, value)

    def _totals(self) -> None:
        answer = self._cover.answer
        sheet = self._new(self._say("totals"), ["", *map(self._say, ("code", "name", "count"))], [14, 60, 32, 12])
        row = 1
        for what, words in _COUNTED:
            for key, count in answer["totals"][f"by_{what}"].items():
                self._text(sheet, row, 0, self._say(what))
                self._text(sheet, row, 1, key)
                shown = self._word(words + key, key) if words else answer["names"].get(key)
                self._text(sheet, row, 2, shown if key else word("place.unknown", self._language))
                sheet.write_number(row, 3, count)
                row += 1

    def _consignees(self) -> None:
        answer, columns = self._cover.answer, ("consignee", "name", "affected", "product", "name", "quantity", "unit")
        sheet = self._new(self._say("consignees"), [self._say(one) for one in columns], [50, 30, 12, 50, 30, 14, 8])
        row = 1
        for one in answer["consignees"]:
            for amount in one["quantities"] or [{"product": None, "quantity": None, "unit": None}]:
                told = (
                    *(one["party"], answer["names"].get(one["party"]), None),
                    *(amount["product"], answer["names"].get(amount["product"] or ""), amount["quantity"]),
                    amount["unit"],
                )
                for column, text in enumerate(told):
                    self._text(sheet, row, column, text)
                sheet.write_number(row, 2, one["objects"])
                row += 1

    def _new(self, name: str, headings: Sequence[str], widths: Sequence[int]) -> Any:
        sheet = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, self._bold)
        if headings:
            sheet.freeze_panes(1, 0)
        return sheet

    def _text(self, sheet: Any, row: int, column: int, text: str | None) -> None:
        if text:
            sheet.write_string(row, column, text[:MOST_CHARACTERS])

    def _say(self, key: str) -> str:
        return word("export." + key, self._language)

    def _word(self, key: str, other: str) -> str:
        return word_or(key, self._language, other)


def _seed(one: Json) -> str:
    return "; ".join(f"{name}: {value}" for name, value in one.items())
