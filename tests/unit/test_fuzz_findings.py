"""What fuzzing once found, and the examples it began with, for ever (`python -m tests.fuzz`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

EXAMPLES = Path(__file__).parents[1] / "examples" / "fuzz"
FILES = sorted(path for path in EXAMPLES.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_input_is_read_or_refused(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


def test_every_target_has_examples() -> None:
    assert {path.parent.name for path in FILES} == set(TARGETS)
