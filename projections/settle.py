"""Which of the records of one eventID counts, from when, and until when: trace.md L2 and section 7, nothing else.

Pure functions of the *set* of records of one eventID, so that every store gives the same answer whatever order,
batches or repetitions the records came in (L1). A store keeps all records and settles an eventID again whenever one
more of its records arrives. Source: trace.md L2 and section 7.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """One record of an event that is no declaration.

    `record_us` is its derived recordTime (microseconds since 1970 UTC), `content` the digest of its pre-hash string,
    `source` who captured it, `partition` and `offset` its position in the log. Ordered by these fields in turn,
    so the least of several is the one that stands.
    """

    record_us: int
    content: bytes
    source: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True, order=True)
class Declared:
    """One record of an event with an `errorDeclaration`; fields as in `Candidate`."""

    record_us: int
    content: bytes
    source: str
    may_correct: bool
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What the records of one eventID amount to.

    `standing` is None while only declarations are known (they wait). `withdrawn_us` is the recordTime of the
    declaration that counts, which may lie before the standing record's: then it never was in force. `losers` are
    the conflicts, the least record of each other content; `duplicates` the further records of the standing content
    and of each loser's; `idle` the declarations that withdraw nothing. All three are sorted.
    """

    standing: Candidate | None
    withdrawn_us: int | None
    withdrawn_by: Declared | None
    losers: tuple[Candidate, ...]
    duplicates: tuple[Candidate, ...]
    idle: tuple[Declared, ...]

    def in_force(self, known_us: int) -> bool:
        """True when the standing record is in force at `known_us`, both of its bounds included (section 7)."""
        if self.standing is None or self.standing.record_us > known_us:
            return False
        return self.withdrawn_us is None or self.withdrawn_us > known_us


def settle(candidates: Iterable[Candidate], declarations: Iterable[Declared]) -> Settled:
    """Settle one eventID from all of its records; repeated records (same position) count once."""
    firsts: dict[bytes, Candidate] = {}
    duplicates: list[Candidate] = []
    for record in sorted(set(candidates)):
        if record.content in firsts:
            duplicates.append(record)
        else:
            firsts[record.content] = record
    standing = min(firsts.values(), default=None)
    counting, idle = _weigh(standing, declarations)
    return Settled(
        standing=standing,
        withdrawn_us=counting.record_us if counting else None,
        withdrawn_by=counting,
        losers=tuple(record for record in firsts.values() if record is not standing),
        duplicates=tuple(duplicates),
        idle=idle,
    )


def counts(declaration: Declared, original: Candidate) -> bool:
    """A declaration takes effect only from the original's source or a key with the scope `correct`."""
    return declaration.may_correct or declaration.source == original.source


def _weigh(
    standing: Candidate | None, declarations: Iterable[Declared]
) -> tuple[Declared | None, tuple[Declared, ...]]:
    """The earliest declaration that counts, and all others."""
    ordered = sorted(set(declarations))
    if standing is None:
        return None, tuple(ordered)
    counting = next((one for one in ordered if counts(one, standing)), None)
    return counting, tuple(one for one in ordered if one is not counting)
