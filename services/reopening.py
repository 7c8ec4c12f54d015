"""A wish that the stores be closed and opened again by whoever serves the application, with work done in between.

`stemma serve` hears it: it answers open calls, lets new ones wait at its socket, and opens the application anew.
"""

from __future__ import annotations

from collections.abc import Callable

Between = Callable[[], None]
"""What is done while nothing is open. It must not raise."""


class Reopening:
    """The wish of one process; `ask` may be called from a job, `take` by who serves."""

    def __init__(self) -> None:
        self._between: Between | None = None

    @property
    def wanted(self) -> bool:
        """Whether it is asked for."""
        return self._between is not None

    def ask(self, between: Between) -> None:
        """Wish for it. Nobody waits: the caller's task ends with the application."""
        self._between = between

    def take(self) -> Between | None:
        """What to do in between, once; None if nothing was asked for."""
        between, self._between = self._between, None
        return between
