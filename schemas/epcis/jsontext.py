"""JSON read with every digit and every byte in its place, and refused where two readers could differ.

Numbers become `int` or `Decimal`, members of the outer objects are walked by hand so that each event is known by its
span in the text, and everything inside is decoded by the standard library's scanner. Refused: duplicate members, NaN
and Infinity, lone surrogates, NUL, numbers over 100 digits (written out, so exponents count), nesting over a depth.
Source: RFC 8259, RFC 7493 (I-JSON), epcis.md X4.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from json import JSONDecodeError
from typing import Any, Final, NoReturn

from schemas.errors import BadInput
from schemas.sentences import say

DIGITS: Final = 100
TOO_LONG: Final = say("a number has at most {digits} digits, written out", digits=DIGITS)
TWICE: Final = "this member stands twice; keep one"

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_ESCAPE: Final = re.compile(r"\\u(?:0000|[dD][89abcdefABCDEF])")
_UNPAIRED: Final = re.compile("[\0\ud800-\udfff]")


class _Refused:
    """Stands in the decoded tree where a value was refused, so that its place can be found."""

    __slots__ = ("fix", "shown")

    def __init__(self, shown: str, fix: str) -> None:
        self.shown = shown
        self.fix = fix


def _decimal(text: str) -> Decimal | None:
    """The number with every digit; None if it has over 100 digits when written out."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if len(text) <= DIGITS and "e" not in text and "E" not in text:
        return number
    _, digits, exponent = number.as_tuple()
    written = max(len(digits), len(digits) + int(exponent), 1 - int(exponent))
    return number if written <= DIGITS else None


PLAIN: Final = json.JSONDecoder(parse_float=Decimal)
"""For what was accepted before: keeps every digit, checks nothing again."""


class JsonText:
    """A JSON text and a cursor over it; every method takes and gives positions in characters.

    Errors: `BadInput` naming line and column of a syntax error, or the member for a value that is refused.
    """

    def __init__(self, text: str, *, depth: int) -> None:
        self.text = text
        self._depth = depth
        self._twice: list[tuple[dict[str, Any], str]] = []
        self._decoder = json.JSONDecoder(
            parse_float=self._float,
            parse_int=self._integer,
            parse_constant=self._constant,
            object_pairs_hook=self._object,
        )
        self._odd = False

    def start(self) -> int:
        """Position of the first character that is not white space."""
        return self._skip(0)

    def finish(self, pos: int) -> None:
        """Refuse anything but white space after the outermost value."""
        if self._skip(pos) != len(self.text):
            self._fail(self._skip(pos), "nothing may follow the document")

    def value(self, pos: int, place: str, depth: int) -> tuple[Any, int]:
        """Decode the value at `pos`, which lies inside `depth` objects or arrays: (value, end)."""
        try:
            value, end = self._decoder.raw_decode(self.text, pos)
        except JSONDecodeError as error:
            self._fail(error.pos, say("malformed JSON: {reason}", reason=error.msg))
        except RecursionError:
            raise self._too_deep(place) from None
        self._check(value, pos, end, place, depth)
        return value, end

    def members(self, pos: int, place: str, take: Callable[[str, int], int]) -> int:
        """Walk the object at `pos`: `take` gets each member's name and position of its value, and gives its end.

        Returns the position after the closing brace.
        """
        seen = set[str]()

        def member(at: int) -> int:
            name, after = self._name(at)
            if name in seen:
                raise BadInput.field(joined(place, name), name, TWICE)
            seen.add(name)
            colon = self._skip(after)
            if self.text[colon : colon + 1] != ":":
                self._fail(colon, "a colon is expected")
            return take(name, self._skip(colon + 1))

        return self._items(pos, "{", "}", member)

    def elements(self, pos: int, take: Callable[[int], int]) -> int:
        """Walk the array at `pos`: `take` gets the position of each element and gives its end."""
        return self._items(pos, "[", "]", take)

    def _items(self, pos: int, opening: str, closing: str, take: Callable[[int], int]) -> int:
        if self.text[pos : pos + 1] != opening:
            self._fail(pos, say("{opening} is expected", opening=opening))
        at = self._skip(pos + 1)
        if self.text[at : at + 1] == closing:
            return at + 1
        while True:
            at = self._skip(take(at))
            mark = self.text[at : at + 1]
            if mark == closing:
                return at + 1
            if mark != ",":
                self._fail(at, say(", or {closing} is expected", closing=closing))
            at = self._skip(at + 1)

    def _name(self, pos: int) -> tuple[str, int]:
        if self.text[pos : pos + 1] != '"':
            self._fail(pos, "a member's name in double quotes is expected")
        name, end = self.value(pos, "a member's name", 0)
        return str(name), end

    def _skip(self, pos: int) -> int:
        found = _SPACE.match(self.text, pos)
        return found.end() if found else pos

    def _float(self, text: str) -> Decimal | _Refused:
        number = _decimal(text)
        return self._refuse(text, TOO_LONG) if number is None else number

    def _integer(self, text: str) -> int | _Refused:
        return int(text) if len(text) - (text[0] == "-") <= DIGITS else self._refuse(text, TOO_LONG)

    def _constant(self, text: str) -> _Refused:
        return self._refuse(text, "JSON has no NaN and no Infinity; leave the member out")

    def _refuse(self, text: str, fix: str) -> _Refused:
        self._odd = True
        return _Refused(text, fix)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            self._twice.append((made, _first_twice(pairs)))
        return made

    def _check(self, value: Any, pos: int, end: int, place: str, depth: int) -> None:
        """Walk the value only when something about it is suspicious."""
        text = self.text
        openings = text.count("{", pos, end) + text.count("[", pos, end)
        if (
            self._twice
            or self._odd
            or depth + openings > self._depth
            or (text.find("\\u", pos, end) >= 0 and _ESCAPE.search(text, pos, end))
        ):
            self._walk(value, place, depth)

    def _walk(self, root: Any, place: str, depth: int) -> None:
        todo: list[tuple[Any, str, int]] = [(root, place, depth)]
        while todo:
            value, where, deep = todo.pop()
            if isinstance(value, dict):
                self._walk_object(value, where, deep + 1, todo)
            elif isinstance(value, list):
                self._limit(where, deep + 1)
                todo.extend((item, f"{where}[{index}]", deep + 1) for index, item in enumerate(value))
            elif isinstance(value, _Refused):
                raise BadInput.field(where, value.shown, value.fix)
            elif isinstance(value, str) and _UNPAIRED.search(value):
                raise _bad_text(where, value)

    def _walk_object(self, value: dict[str, Any], where: str, deep: int, todo: list[tuple[Any, str, int]]) -> None:
        self._limit(where, deep)
        for made, name in self._twice:
            if made is value:
                raise BadInput.field(joined(where, name), name, TWICE)
        for name, item in value.items():
            if _UNPAIRED.search(name):
                raise _bad_text(joined(where, ascii(name)), name)
            todo.append((item, joined(where, name), deep))

    def _limit(self, place: str, depth: int) -> None:
        if depth > self._depth:
            raise self._too_deep(place)

    def _too_deep(self, place: str) -> BadInput:
        return BadInput.field(
            place[:300],
            say("over {depth} levels", depth=self._depth),
            say("nest at most {depth} levels deep", depth=self._depth),
        )

    def _fail(self, pos: int, fix: str) -> NoReturn:
        line = self.text.count("\n", 0, pos) + 1
        column = pos - self.text.rfind("\n", 0, pos)
        shown = self.text[pos : pos + 40].encode("utf-8", "replace").decode("utf-8")
        raise BadInput.field(say("line {line}, column {column}", line=line, column=column), shown, fix)


def _first_twice(pairs: list[tuple[str, Any]]) -> str:
    seen = set[str]()
    for name, _ in pairs:
        if name in seen:
            return name
        seen.add(name)
    raise ValueError("no name stands twice")


def _bad_text(place: str, value: str) -> BadInput:
    return BadInput.field(place, ascii(value), "NUL and half a surrogate pair are not text; remove them")


def joined(place: str, name: str) -> str:
    """Dotted path of a member below a place."""
    return f"{place}.{name}" if place else name


def text_of(body: bytes) -> str:
    """UTF-8 to text; a leading byte order mark is passed over. Errors: `BadInput` naming the byte."""
    try:
        return body.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        shown = body[error.start : error.start + 4].hex(" ")
        raise BadInput.field(say("byte {number}", number=error.start), shown, "send JSON as UTF-8") from None
