"""What a capture says of each event: captured, duplicate, conflict, refused or rolled back (trace.md L2, section 7).

Pure: what is known of each eventID is passed in. A *unit* is what is captured together or not at all: a whole document
under `rollback`, one event of it under `proceed`, a correction with what stands instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Final

from schemas.epcis.prehash import content_digest, hash_id
from schemas.epcis.reader import ReceivedEvent
from schemas.errors import FieldError

Refill = Callable[[ReceivedEvent], ReceivedEvent]
"""Makes an entry again with the times of an earlier event, where the service had filled them in."""


class Outcome(StrEnum):
    """The verdict on one event."""

    CAPTURED = "captured"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REFUSED = "refused"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True)
class Entry:
    """An event to be captured, its media type, and the faults and warnings found before.

    `whole` asks for the standing event itself, for who is told of a conflict with both.
    """

    event: ReceivedEvent
    media_type: str = "application/json"
    faults: tuple[FieldError, ...] = ()
    warnings: tuple[str, ...] = ()
    refill: Refill | None = None
    whole: bool = False

    @cached_property
    def event_id(self) -> str:
        """As sent, else the hash ID of CBV 2.0; empty when the event cannot be read."""
        sent = self.event.data.get("eventID")
        if isinstance(sent, str):
            return sent
        return "" if self.faults else hash_id(self.event.data, self.event.namespaces)

    @cached_property
    def content(self) -> bytes:
        return content_digest(self.event.data, self.event.namespaces)

    @property
    def declares(self) -> bool:
        return self.event.data.get("errorDeclaration") is not None


@dataclass(frozen=True, slots=True)
class Declared:
    """An error declaration of an event: its content, who made it, and whether that key may correct anyone's."""

    content: bytes
    source: str
    may_correct: bool
    event: ReceivedEvent


@dataclass(frozen=True)
class Earlier:
    """What is known of an eventID: the standing content and its source, and, where a verdict needs them, the standing
    event itself and its declarations."""

    content: bytes | None = None
    source: str | None = None
    standing: ReceivedEvent | None = None
    declared: tuple[Declared, ...] = ()

    def with_entry(self, entry: Entry, source: str, may_correct: bool) -> Earlier:
        """What is known once the entry is captured too."""
        if entry.declares:
            told = Declared(entry.content, source, may_correct, entry.event)
            return replace(self, declared=(*self.declared, told))
        if self.content is not None:
            return self
        return replace(self, content=entry.content, source=source, standing=entry.event)


@dataclass(frozen=True)
class Verdict:
    """The outcome for one event; `standing` is the event that it repeats or contradicts, where known. `warnings` are
    those that what is known gives, beside the entry's own."""

    entry: Entry
    outcome: Outcome
    standing: ReceivedEvent | None = None
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        return self.outcome in (Outcome.CAPTURED, Outcome.DUPLICATE)


@dataclass
class _Judge:
    """Goes through the units in order; the first of equal identities within a call stands."""

    known: Mapping[str, Earlier]
    source: str
    may_correct: bool
    seen: dict[str, Earlier] = field(default_factory=dict)
    first: dict[str, Entry] = field(default_factory=dict)

    def unit(self, entries: Sequence[Entry]) -> list[Verdict]:
        kept = dict(self.seen), dict(self.first)
        verdicts = [self.entry(entry) for entry in entries]
        if all(verdict.good for verdict in verdicts):
            return verdicts
        self.seen, self.first = kept
        return [
            replace(verdict, outcome=Outcome.ROLLED_BACK) if verdict.outcome is Outcome.CAPTURED else verdict
            for verdict in verdicts
        ]

    def entry(self, entry: Entry) -> Verdict:
        if entry.faults:
            return Verdict(entry, Outcome.REFUSED, errors=entry.faults)
        earlier = self._earlier(entry.event_id)
        if earlier is None:
            self.first[entry.event_id] = entry
            return Verdict(entry, Outcome.CAPTURED)
        verdict = self._declaration(entry, earlier) if entry.declares else _against(entry, earlier)
        if verdict.outcome is Outcome.CAPTURED:
            self.seen[entry.event_id] = earlier.with_entry(entry, self.source, self.may_correct)
        return verdict

    def _earlier(self, event_id: str) -> Earlier | None:
        if event_id in self.seen:
            return self.seen[event_id]
        if event_id in self.first:
            return Earlier().with_entry(self.first[event_id], self.source, self.may_correct)
        return self.known.get(event_id)

    def _declaration(self, entry: Entry, earlier: Earlier) -> Verdict:
        """A duplicate if one that says the same has as much effect; else captured, since who declares matters."""
        for told in earlier.declared:
            if told.content == entry.content and self._as_effective(told, earlier):
                return Verdict(entry, Outcome.DUPLICATE, earlier.standing)
            if told.source == self.source and _same_as_sent(entry, told.event, told.content):
                return Verdict(entry, Outcome.DUPLICATE, earlier.standing)
        differs = earlier.content is not None and _undeclared(entry.event) != earlier.content
        return Verdict(entry, Outcome.CAPTURED, warnings=(_DIFFERS,) if differs else ())

    def _as_effective(self, told: Declared, earlier: Earlier) -> bool:
        if told.may_correct or (earlier.source is not None and told.source == earlier.source):
            return True
        return not self.may_correct and (told.source == self.source or earlier.source not in (None, self.source))


def judge(
    units: Sequence[Sequence[Entry]], known: Mapping[str, Earlier], source: str, may_correct: bool
) -> list[list[Verdict]]:
    """Verdicts unit by unit, in order. `known` has each eventID that is known at all; `source` is who captures."""
    judging = _Judge(known, source, may_correct)
    return [judging.unit(unit) for unit in units]


def _against(entry: Entry, earlier: Earlier) -> Verdict:
    if earlier.content is None:
        differs = any(_undeclared(told.event) != entry.content for told in earlier.declared)
        return Verdict(entry, Outcome.CAPTURED, warnings=(_DIFFERS,) if differs else ())
    if entry.content == earlier.content or _same_as_sent(entry, earlier.standing, earlier.content):
        return Verdict(entry, Outcome.DUPLICATE, earlier.standing)
    fix = "this eventID is known with other content; give the new event its own id, or correct the earlier one"
    errors = (FieldError("eventID", entry.event_id[:200], fix),)
    return Verdict(entry, Outcome.CONFLICT, earlier.standing, errors)


def _same_as_sent(entry: Entry, standing: ReceivedEvent | None, content: bytes) -> bool:
    """Whether the calls were equal as sent: equal once the times that the service filled in are the first one's."""
    return entry.refill is not None and standing is not None and _digest(entry.refill(standing)) == content


_DIFFERS: Final = (
    "the error declaration has other fields than the event of this eventID, which it withdraws all the same"
)


def _undeclared(event: ReceivedEvent) -> bytes:
    """The digest of a declaration as if it were the event itself (epcis.md C10)."""
    plain = {name: value for name, value in event.data.items() if name != "errorDeclaration"}
    return content_digest(plain, event.namespaces)


def _digest(event: ReceivedEvent) -> bytes:
    return content_digest(event.data, event.namespaces)
