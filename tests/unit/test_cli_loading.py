"""A call of the command line loads what it needs: one that only speaks to the server loads no part of the server."""

from __future__ import annotations

import subprocess
import sys

import pytest

from services.cli.main import MODULES

_LOADED = """import sys
from services.cli.main import main
sys.argv = ["stemma", *sys.argv[1:], "--help"]
try:
    main()
finally:
    print(*(name for name in sys.modules if name.startswith("services.")), file=sys.stderr)
"""


def call(*arguments: str) -> tuple[str, set[str]]:
    """What `stemma … --help` prints, and the modules of `services` it loaded."""
    done = subprocess.run([sys.executable, "-c", _LOADED, *arguments], capture_output=True, text=True, check=True)
    return done.stdout, set(done.stderr.split())


@pytest.mark.parametrize("command", ["capture", "keys"])
def test_a_command_that_asks_the_server_loads_none_of_it(command: str) -> None:
    told, loaded = call(command)
    assert f"Usage: stemma {command}" in told
    assert f"services.cli.{command}" in loaded
    assert {"services.app", "services.bootstrap", "services.cli.serve"}.isdisjoint(loaded)


def test_without_a_command_all_are_told() -> None:
    told, loaded = call()
    assert all(f"│ {command} " in told for command in MODULES)
    assert loaded >= {f"services.cli.{module}" for module in MODULES.values()}
