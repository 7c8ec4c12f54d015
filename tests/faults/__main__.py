"""Runs one kind of fault for long; the suite runs a few rounds of each."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.faults.kills import kills


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("kind", choices=["kills"])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        count = kills(Path(folder), given.rounds, given.seed)
    print(
        f"{given.rounds} kills of seed {given.seed}: {count:,} acknowledged events, each once in log, graph and answer"
    )
    print(f"answers equal those of a clean rebuild; {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
