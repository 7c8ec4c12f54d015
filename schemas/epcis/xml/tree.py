"""XML as elements, read by expat without anything that a document could make it fetch or expand.

A DOCTYPE that declares or names anything, XInclude and nesting over a depth are refused before they have an effect, so
no entity is ever known. Elements that stand in an event list are handed over one by one with the span of bytes that
they came in, and are not kept: memory holds one event's elements at a time.
Source: XML 1.0 (fifth edition), Namespaces in XML 1.0, epcis.md X4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from xml.parsers import expat

from schemas.epcis.context import MOST_BINDINGS
from schemas.epcis.xml.names import XINCLUDE
from schemas.errors import BadInput
from schemas.sentences import say

_SEPARATOR: Final = "\x1f"
_CHUNK: Final = 1 << 16
_DECLARED: Final = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_CODECS: Final = {
    "iso-8859-1": "latin-1", "latin1": "latin-1", "windows-1252": "cp1252", "us-ascii": "ascii",
    "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030",
}  # fmt: skip
"""Encodings that partners declare beside those of Unicode; GB 18030 contains the older Chinese ones."""
EVENT_LISTS: Final = frozenset((("EPCISBody", "EventList"), ("EPCISBody", "QueryResults", "resultsBody", "EventList")))
"""Where events stand, below the root."""


class Attribute(NamedTuple):
    """An attribute: namespace (empty for none), local name, prefix as written (empty for none), value."""

    namespace: str
    name: str
    prefix: str
    value: str


@dataclass(slots=True)
class Element:
    """An element: `text` is all character data directly in it, `at` the byte where its start tag begins."""

    namespace: str
    name: str
    prefix: str
    attributes: list[Attribute]
    at: int
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def attribute(self, name: str, namespace: str = "") -> str | None:
        """Value of an attribute, None if it is not there."""
        for one in self.attributes:
            if one.name == name and one.namespace == namespace:
                return one.value
        return None

    def child(self, name: str) -> Element | None:
        """The first child of this local name, in whatever namespace."""
        for one in self.children:
            if one.name == name:
                return one
        return None


@dataclass(frozen=True, slots=True)
class Item:
    """An element of an event list: its bytes from `start` to `end`, what its ancestors bind, what it binds itself.

    `inherited` and `declared` map prefix to namespace, the default namespace under the empty prefix; where prefixes are
    bound again inside, the outermost binding counts. `root` is the document's, as far as it is read.
    """

    root: Element
    element: Element
    start: int
    end: int
    inherited: Mapping[str, str]
    declared: Mapping[str, str]


Take = Callable[[Item], None]


def read_tree(body: bytes, take: Take, *, depth: int, alone: bool = False) -> tuple[Element, Mapping[str, str]]:
    """The root element without the items of event lists, which `take` gets in order; and what the root declares.

    `alone` takes the root itself as the one item. `body` is UTF-8 (see `utf8`). Errors: `BadInput` with line and
    column for what is not well-formed or refused.
    """
    return _Builder(body, take, depth, alone).read()


def utf8(body: bytes) -> bytes:
    """The body in UTF-8 without byte order mark, from UTF-8, UTF-16 or one of `_CODECS`. Errors: `BadInput`."""
    encoding = _encoding(body)
    if encoding == "utf-8":
        return body.removeprefix(b"\xef\xbb\xbf")
    try:
        return body.decode(encoding).encode("utf-8")
    except UnicodeError:
        raise BadInput.field(
            "line 1, column 1", encoding, say("this is not {encoding}; send XML as UTF-8", encoding=encoding)
        ) from None


def _encoding(body: bytes) -> str:
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if body[:2] in (b"<\0", b"\0<"):
        return "utf-16-le" if body[:1] == b"<" else "utf-16-be"
    found = _DECLARED.match(body.removeprefix(b"\xef\xbb\xbf")[:300])
    name = found[1].decode("ascii").lower() if found else "utf-8"
    if name in ("utf-8", "utf8"):
        return "utf-8"
    if name not in _CODECS:
        raise BadInput.field("line 1, column 1", name[:100], "send XML as UTF-8")
    return _CODECS[name]


@lru_cache(maxsize=8192)
def _named(name: str) -> tuple[str, str, str]:
    """Namespace, local name and prefix of a name as expat gives it."""
    parts = name.split(_SEPARATOR)
    return ("", parts[0], "") if len(parts) == 1 else (parts[0], parts[1], parts[2] if len(parts) > 2 else "")


def _given(attributes: list[str]) -> list[Attribute]:
    return [Attribute(*_named(name), value) for name, value in zip(attributes[::2], attributes[1::2], strict=True)]


class _Builder:
    """Expat's handlers: a stack of open elements, and of the namespaces that each of them sees."""

    def __init__(self, body: bytes, take: Take, depth: int, alone: bool) -> None:
        self._body = body
        self._take = take
        self._depth = depth
        self._alone = alone
        self._open: list[Element] = []
        self._lists: list[Element] = []
        self._pieces: dict[int, list[str]] = {}
        self._scopes: list[Mapping[str, str]] = []
        self._scope: Mapping[str, str] | None = None
        self._namespaces: set[str] = set()
        self._pending: dict[str, str] = {}
        self._declared: dict[str, str] = {}
        self._start = -1
        self._root: Element | None = None
        self._outermost: Mapping[str, str] = MappingProxyType({})
        self._includes = False
        parser = expat.ParserCreate("utf-8", _SEPARATOR)
        parser.namespace_prefixes = True
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.buffer_size = _CHUNK
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._finish
        parser.CharacterDataHandler = self._characters
        parser.StartNamespaceDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.ExternalEntityRefHandler = self._entity
        self._parser = parser

    def read(self) -> tuple[Element, Mapping[str, str]]:
        try:
            for at in range(0, len(self._body), _CHUNK):
                self._parser.Parse(self._body[at : at + _CHUNK], False)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise self._malformed(error) from None
        finally:
            # The parser holds our handlers and we hold it: apart, both go at once and not with the next collection.
            del self._parser
        if self._root is None:
            raise BadInput.field("line 1, column 1", "", "send an XML document")
        return self._root, self._outermost

    def _malformed(self, error: expat.ExpatError) -> BadInput:
        place = say("line {line}, column {column}", line=error.lineno, column=error.offset + 1)
        shown = self._body.split(b"\n", error.lineno)[error.lineno - 1 : error.lineno]
        text = shown[0][max(0, error.offset - 10) : error.offset + 30].decode("utf-8", "replace") if shown else ""
        return BadInput.field(place, text, say("malformed XML: {reason}", reason=expat.ErrorString(error.code)))

    def _here(self) -> str:
        return say(
            "line {line}, column {column}",
            line=self._parser.CurrentLineNumber,
            column=self._parser.CurrentColumnNumber + 1,
        )

    def _doctype(self, name: str, system: str | None, public: str | None, subset: int) -> None:
        """A bare `<!DOCTYPE name>` declares nothing, and GS1's own examples carry one."""
        if system is not None or public is not None or subset:
            raise BadInput.field(self._here(), f"<!DOCTYPE {name[:60]}", "leave the DOCTYPE out; nothing is read by it")

    def _entity(self, *_: Any) -> int:
        raise BadInput.field(self._here(), "<!ENTITY", "leave the DOCTYPE out; entities are not read")

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self._pending[prefix or ""] = uri or ""
        self._namespaces.add(uri or "")
        self._includes = self._includes or uri in XINCLUDE
        if len(self._namespaces) > MOST_BINDINGS:
            raise BadInput.field(
                self._here(),
                (uri or "")[:100],
                say("at most {most} namespaces are taken", most=MOST_BINDINGS),
            )

    def _check_inclusion(self, namespace: str, name: str) -> None:
        if namespace in XINCLUDE:
            raise BadInput.field(self._here(), name[:100], "XInclude is not read; send the document whole")

    def _begin(self, name: str, attributes: list[str]) -> None:
        namespace, local, prefix = _named(name)
        self._check_inclusion(namespace, local)
        element = Element(namespace, local, prefix, _given(attributes), self._parser.CurrentByteIndex, [])
        self._check_depth()
        self._outside(element, self._taken(), len(self._open) + 1)
        if self._open:
            self._open[-1].children.append(element)
        self._open.append(element)

    def _check_depth(self) -> None:
        if len(self._open) >= self._depth:
            fix = say("nest at most {depth} levels deep", depth=self._depth)
            raise BadInput.field(self._here(), say("over {depth} levels", depth=self._depth), fix)

    def _enter(self, declared: dict[str, str]) -> None:
        """Go on with handlers that build an item and nothing else: most elements of a document are in one."""
        self._start, self._declared = self._parser.CurrentByteIndex, declared
        outside = len(self._open)
        parser, stack, most = self._parser, self._open, self._depth

        def begin(name: str, attributes: list[str]) -> None:
            namespace, local, prefix = _named(name)
            given = _given(attributes) if attributes else []
            element = Element(namespace, local, prefix, given, parser.CurrentByteIndex, [])
            if len(stack) >= most:
                self._check_depth()
            if self._includes:
                self._check_inclusion(namespace, local)
            if self._pending:
                for one, uri in self._taken().items():
                    self._declared.setdefault(one, uri)
            stack[-1].children.append(element)
            stack.append(element)

        def finish(_: str) -> None:
            element = stack.pop()
            if self._pieces and id(element) in self._pieces:
                element.text = "".join(self._pieces.pop(id(element)))
            if len(stack) == outside:
                parser.StartElementHandler, parser.EndElementHandler = self._begin, self._finish
                self._hand_over(element)

        parser.StartElementHandler, parser.EndElementHandler = begin, finish

    def _taken(self) -> dict[str, str]:
        """What was declared for the element that begins."""
        pending, self._pending = self._pending, {}
        return pending

    def _outside(self, element: Element, pending: dict[str, str], deep: int) -> None:
        """An element around the events, or the first of an event."""
        if deep == 1:
            self._root, self._outermost = element, MappingProxyType(dict(pending))
            if self._alone:
                self._enter(pending)
                return
        parent = self._open[-1] if self._open else None
        if parent is not None and self._lists and self._lists[-1] is parent:
            if element.name == "extension" and not element.namespace:
                self._lists.append(element)
            else:
                self._enter(pending)
                return
        elif (*[one.name for one in self._open[1:]], element.name) in EVENT_LISTS:
            self._lists.append(element)
        self._scopes.append(pending)
        self._scope = None if pending else self._scope

    def _inherited(self) -> Mapping[str, str]:
        """What the open elements around an item bind, the innermost last; made once for all items of a list."""
        if self._scope is None:
            self._scope = MappingProxyType({name: uri for scope in self._scopes for name, uri in scope.items()})
        return self._scope

    def _characters(self, text: str) -> None:
        """White space behind a child says nothing; pieces of text are joined once the element ends."""
        element = self._open[-1]
        if not element.text:
            if not (element.children and text.isspace()):
                element.text = text
        elif not (element.children and text.isspace()):
            self._pieces.setdefault(id(element), [element.text]).append(text)

    def _finish(self, _: str) -> None:
        element = self._open.pop()
        if id(element) in self._pieces:
            element.text = "".join(self._pieces.pop(id(element)))
        if self._scopes.pop():
            self._scope = None
        if self._lists and self._lists[-1] is element:
            self._lists.pop()

    def _hand_over(self, element: Element) -> None:
        at = self._parser.CurrentByteIndex
        # At the end of an empty element's tag expat stands behind it, else at the start of the end tag.
        alone = not element.children and not element.text and self._body[self._start : at].endswith(b"/>")
        end = at if alone else self._body.index(b">", at) + 1
        if self._open:
            self._open[-1].children.pop()
        self._take(Item(self._root or element, element, self._start, end, self._inherited(), self._declared))
