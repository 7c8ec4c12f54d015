"""An XML event of EPCIS 2.0 in an answer with the bytes it was received in.

Only `recordTime`, a missing `eventID` and the namespaces that its own document bound are put in; all else stays.
Source: EPCIS 2.0 section 12.3 (Never_Translates), epcis.md T3, T4, X1.
"""

from __future__ import annotations

import json
from typing import Final
from xml.parsers import expat

from schemas.epcis.vocabulary import EVENT_TYPES
from schemas.epcis.xml.names import EPCIS_1, MASTER_DATA_1, QUERY_1
from schemas.epcis.xml.text import attribute_of, text_of

_OLDER: Final = frozenset((EPCIS_1, QUERY_1, MASTER_DATA_1))


def as_received(raw: bytes, context: bytes | None, event_id: str, record_time: str) -> str | None:
    """The event's element for an answer; None where its syntax has to be written again (JSON, EPCIS 1.x, own types)."""
    bound: dict[str, str] = json.loads(context) if context and raw[:1] == b"<" else {}
    if raw[:1] != b"<" or _OLDER & set(bound.values()) or any(uri.encode() in raw for uri in _OLDER):
        return None
    spans = _Spans(raw).read()
    if spans.name not in EVENT_TYPES or "eventTime" not in spans.children:
        return None
    told = f"<recordTime>{text_of(record_time)}</recordTime>".encode()
    edits = [(*spans.children.get("recordTime", (spans.children["eventTime"][1],) * 2), told)]
    if "eventID" not in spans.children:
        behind = spans.children.get("eventTimeZoneOffset", spans.children["eventTime"])[1]
        edits.append((behind, behind, f"<eventID>{text_of(event_id)}</eventID>".encode()))
    missing = {prefix: uri for prefix, uri in bound.items() if prefix and prefix not in spans.declared}
    tag = len(spans.name) + 1
    names = "".join(f' xmlns:{prefix}="{attribute_of(uri)}"' for prefix, uri in missing.items())
    edits.append((tag, tag, names.encode()))
    for start, end, text in sorted(edits, reverse=True):
        raw = raw[:start] + text + raw[end:]
    return raw.decode("utf-8")


class _Spans:
    """Where each child of an element starts and ends in its bytes."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._depth = 0
        self._open: tuple[str, int] = ("", 0)
        self.name = ""
        self.declared: frozenset[str] = frozenset()
        self.children: dict[str, tuple[int, int]] = {}
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end

    def read(self) -> _Spans:
        self._parser.Parse(self._raw, True)
        return self

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self.name = name
            self.declared = frozenset(one[6:] for one in attributes if one.startswith("xmlns:"))
        elif self._depth == 2:
            self._open = (name, self._parser.CurrentByteIndex)

    def _end(self, name: str) -> None:
        if self._depth == 2:
            at = self._parser.CurrentByteIndex
            alone = self._raw[self._open[1] : at].endswith(b"/>") and self._raw.count(b"<", self._open[1], at) == 1
            end = at if alone else self._raw.index(b">", at) + 1
            self.children.setdefault(name, (self._open[1], end))
        self._depth -= 1
