"""What a pass over the rows of a store finds, whichever store it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What one pass found: rows read, seconds, and the tables that are not as they were written."""

    rows: int
    seconds: float
    damaged: tuple[str, ...]


class Ended(Exception):
    """The pass was told to end."""
