"""How deep tests search that could search for ever.

`make test` as deep as a quarter of an hour allows, `make deep` deeper.
"""

from __future__ import annotations

import os

DEEP = os.environ.get("STEMMA_TESTS") == "deep"


def at_most(usual: int, deep: int) -> int:
    """How many random cases, orders or rounds a test tries."""
    return deep if DEEP else usual
