"""Run one target under atheris (Google's libFuzzer for Python) for some seconds, from the examples kept.

`pip install atheris` first: it is not among the locked dependencies, since it has no wheel for every Python.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["schemas"]):
    from tests.fuzz.targets import TARGETS

EXAMPLES = Path(__file__).parents[1] / "examples" / "fuzz"


def main() -> None:
    name, seconds = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "60"
    target = TARGETS[name]
    corpus = Path(f"/tmp/stemma-fuzz-{name}")
    corpus.mkdir(exist_ok=True)
    kept = EXAMPLES / name
    options = [
        sys.argv[0],
        f"-max_total_time={seconds}",
        "-timeout=10",
        "-rss_limit_mb=1024",
        f"-artifact_prefix={corpus}/",
    ]
    atheris.Setup([*options, str(corpus), *([str(kept)] if kept.is_dir() else [])], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
