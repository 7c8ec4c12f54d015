"""The console's types are those that `make client` makes from the service's own OpenAPI."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploy import node
from services.console.openapi import text

WEB = Path(__file__).parents[2] / "services" / "console" / "web"
KEPT = WEB / "src" / "shared" / "api" / "schema.gen.ts"


@pytest.mark.slow
def test_the_types_of_the_client_are_made_from_the_openapi_as_it_is(tmp_path: Path) -> None:
    if not (WEB / "node_modules" / ".installed").exists():
        pytest.skip("the console's packages are not installed: make console")
    source, made = tmp_path / "openapi.json", tmp_path / "schema.gen.ts"
    source.write_bytes(text())
    program = [sys.executable, "-m", node.__name__, str(WEB), "npx", "openapi-typescript", str(source)]
    subprocess.run([*program, "--output", str(made)], cwd=WEB.parents[2], check=True, capture_output=True)
    assert made.read_text(encoding="utf-8") == KEPT.read_text(encoding="utf-8"), "run `make client` and commit"
