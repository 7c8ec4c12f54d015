"""Compiles what numba compiles once and keeps the machine code on disk, so that a first answer need not wait.

`python -m projections.trace.warm` is part of set-up and of the image; the service calls `warm` at start too, which
takes milliseconds when the code is there.
"""

from __future__ import annotations

import numpy as np

from projections.genealogy.texts import least
from projections.trace.columns import EMPTY, Groups, Marks
from projections.trace.history import History
from projections.trace.kernels import coded, counted_around
from projections.trace.sweep import sweep
from projections.trace.walk import edges, reach


def warm() -> None:
    """Run each over one object and no event."""
    one, none = np.zeros(1, np.int64), EMPTY.copy()
    sweep(
        History(
            n=1,
            rank=one,
            bits=none,
            placed=none,
            own_place=none,
            consigned=none,
            process=none,
            start=one,
            name=none,
            part=none,
            outputs=none,
            quantity_child=none,
            quantity_parent=none,
            quantity_kind=none,
            opens_start=one,
            opens=none,
            closes_start=one,
            closes=none,
            own_known=False,
            watched=one,
        )
    )
    reach(1, edges(one, one, 0, 1), one)
    groups = Groups(one, 1)
    counted_around(one, groups.start, one, 1)
    coded(one)
    Marks(one)
    least(np.zeros(1, np.uint8), one + 1, one, np.zeros(0, np.uint8), False, 1)


if __name__ == "__main__":
    warm()
