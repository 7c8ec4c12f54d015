"""Compiles the sweep and the walk once and keeps the machine code on disk, so that a first answer need not wait.

`python -m projections.trace.warm` is part of set-up and of the image; the service calls `warm` at start too, which
takes milliseconds when the code is there.
"""

from __future__ import annotations

import numpy as np

from projections.trace.columns import EMPTY
from projections.trace.history import History
from projections.trace.sweep import sweep
from projections.trace.walk import edges, reach


def warm() -> None:
    """Run both over one object and no event."""
    one = np.zeros(1, np.int64)
    none = EMPTY.copy()
    sweep(
        History(
            1,
            one,
            none,
            none,
            none,
            none,
            none,
            one,
            none,
            none,
            none,
            none,
            none,
            none,
            one,
            none,
            one,
            none,
            False,
            one,
        )
    )
    reach(1, edges(one, one, 0, 1), one)


if __name__ == "__main__":
    warm()
