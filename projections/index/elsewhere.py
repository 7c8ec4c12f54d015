"""What the event index asks to write large batches in its place."""

from __future__ import annotations

from typing import Protocol

from projections.port import Batch


class Elsewhere(Protocol):
    """Another process that writes into this same index."""

    def write(self, batch: Batch) -> bool:
        """Whether it is written; False if it has to be done here, behind the same fence. Blocks. Errors: as `apply`."""
        ...

    def leave(self) -> None:
        """Let go of the database."""
        ...
