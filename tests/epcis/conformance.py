"""Makes docs/epcis-conformance.md from what the tests that cite a row (`EPCIS-Q7` in their docstring) came to.

`python -m tests.epcis.conformance [pytest arguments]` runs every test file that cites a row and writes the page: row,
verdict, decision. A row without a test, and a row whose test fails, are said there.
"""

from __future__ import annotations

import ast
import functools
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.epcis.rows import BENCHES, ROWS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "epcis-conformance.md"
CITED = re.compile(r"EPCIS-([A-Z][0-9]+)")
_HEAD = """# EPCIS 2.0 conformance

Made by `make conformance` from the results of the tests that cite each row; do not edit. *Passed* counts tests, on
SQLite and PostgreSQL where the database matters. *Measured* rows have their figures, beside what they were held to, in
[Limits and figures](performance.md). The decision says what we do where the standard is silent or its files contradict
each other.

| Row | What | Verdict | Decision |
|---|---|---|---|
"""


@dataclass(eq=False)
class Outcomes:
    """A pytest plugin that keeps what became of the tests of each row, in whatever process they ran."""

    ended: dict[str, str] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.ended[report.nodeid] = "failed"
        elif report.skipped:
            self.ended.setdefault(report.nodeid, "skipped")
        elif report.when == "call":
            self.ended.setdefault(report.nodeid, "passed")

    def verdict(self, row: str) -> str:
        """In words."""
        ended = [end for test, end in self.ended.items() if row in cited_by(test)]
        counted = {kind: ended.count(kind) for kind in ("passed", "failed", "skipped") if kind in ended}
        told = ", ".join(f"{number} {kind}" for kind, number in counted.items())
        if row in BENCHES:
            measured = f"measured by `python -m tests.bench {BENCHES[row]}`"
            return f"{told}; {measured}" if told else measured
        return (
            told if "passed" in counted or "failed" in counted else f"**not run** ({told})" if told else "**no test**"
        )


@functools.cache
def _cited_in(path: str) -> dict[str, frozenset[str]]:
    """Rows that each function of a test file names, by the function's name."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {one.name: frozenset(CITED.findall(ast.get_docstring(one) or "")) for one in functions}


def cited_by(test: str) -> frozenset[str]:
    """Rows that a test names, which is called as pytest calls it: `tests/epcis/test_pages.py::test_a[sqlite]`."""
    path, _, rest = test.partition("::")
    return _cited_in(path).get(rest.partition("[")[0].rpartition("::")[2], frozenset())


def page(outcomes: Outcomes) -> str:
    """The page's text."""
    lines = [f"| {row} | {what} | {outcomes.verdict(row)} | {decided} |" for row, (what, decided) in ROWS.items()]
    return _HEAD + "\n".join(lines) + "\n"


def citing() -> list[str]:
    """Test files that cite a row."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(one.relative_to(ROOT)) for one in files if CITED.search(one.read_text(encoding="utf-8"))]


def main(arguments: list[str]) -> int:
    """Run and write. Returns pytest's exit code."""
    outcomes = Outcomes()
    code = int(pytest.main(["-q", "--no-header", *arguments, *citing()], plugins=[outcomes]))
    PAGE.write_text(page(outcomes), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
