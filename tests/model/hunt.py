"""Long hunts for a difference between the product and the slow model: `python -m tests.model.hunt --histories 5000`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from projections.genealogy.embedded import EmbeddedGenealogy
from tests.model.compare import differences


async def hunt(first: int, histories: int) -> int:
    """Print each difference with its seed; gives how many there were. Four questions a history."""
    found = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + histories):
            for difference in await differences(seed, Path(folder), EmbeddedGenealogy.open):
                found += 1
                print(difference, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.model.hunt", description=__doc__)
    parser.add_argument("--histories", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first history")
    given = parser.parse_args()
    found = asyncio.run(hunt(given.seed, given.histories))
    print(f"{given.histories} histories from seed {given.seed}: {found} differences")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
