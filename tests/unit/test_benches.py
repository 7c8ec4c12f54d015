"""The benches and long faults that docs name by command can be begun."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

from tests.bench.__main__ import _modules

ROOT = Path(__file__).parents[2]


def test_every_bench_that_the_docs_name_is_there() -> None:
    """Importing them all is what `python -m tests.bench` does first."""
    told = "\n".join(path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    named = {name for line in re.findall(r"python -m tests\.bench ([a-z ]+)", told) for name in line.split()}
    assert named
    assert named <= set(_modules())


@pytest.mark.parametrize("module", ["tests.bench", "tests.faults", "tests.model.hunt"])
def test_a_long_run_tells_how_it_is_begun(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [module, "--help"])
    monkeypatch.delitem(sys.modules, f"{module}.__main__", raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    assert ended.value.code == 0
    assert "usage:" in capsys.readouterr().out
