"""The ports behind the log: a projection, and what the runner hands to it.

A projection is a function of the *set* of events (trace.md L1-L5): it may be given them in any order, more than
once, and split into any batches; its answers must not differ. It keeps the checkpoint it has reached in its own
store, in the same transaction as what it wrote (architecture rule 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson

from events.reading import Checkpoint, Commit
from projections.facts import EventFacts
from schemas.sentences import brought_back


@dataclass(frozen=True, slots=True)
class Fact:
    """One event of the log as projected. `record_us` is its derived recordTime (microseconds since 1970 UTC).

    `content` is the digest of its CBV pre-hash string and errorDeclaration: equal for equal content (L2).
    `attributes` are what EPCIS queries ask for beside the facts (`projections.index.attributes`).
    `source` names who captured it (a declaration counts only from the same source or with `may_correct`).
    """

    partition: int
    offset: int
    record_us: int
    content: bytes
    source: str
    may_correct: bool
    facts: EventFacts
    attributes: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Poison:
    """An event that could not be projected, set aside with its reason (architecture rule 7)."""

    partition: int
    offset: int
    event_id: str
    reason: str
    said: str = ""
    """The pattern of `reason` and what fills it, as JSON; empty where it has none."""

    @property
    def sentence(self) -> str:
        """`reason` as it can be said in another language."""
        return brought_back(self.reason, orjson.loads(self.said) if self.said else None)


@dataclass(frozen=True, slots=True)
class Batch:
    """Whole commits of the log in partition order, with their facts; `commits` carry raw bytes and envelopes.

    A store writes everything and `after` in one transaction which first compares its stored checkpoint with
    `before` and raises `Fenced` if they differ.
    """

    commits: Sequence[Commit]
    facts: Sequence[Fact]
    poison: Sequence[Poison]
    before: Checkpoint
    after: Checkpoint


class Projection(Protocol):
    """A store that follows the log. `name` and `version` identify it; a new version is rebuilt beside."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    async def checkpoint(self) -> Checkpoint:
        """What it has durably reached; `Checkpoint.start(n)` when new. Errors: `Unavailable`."""
        ...

    async def apply(self, batch: Batch) -> None:
        """Write a batch and its checkpoint, all or nothing. Errors: `Fenced`, `Unavailable`."""
        ...

    async def close(self) -> None: ...
