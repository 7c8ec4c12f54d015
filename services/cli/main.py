"""The `stemma` command: its sub-commands in one place, of which a call loads the one that it names."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Final

import typer

MODULES: Final = {
    "serve": "serve", "capture": "capture", "rebuild": "keep", "replay": "keep", "verify": "keep", "backup": "keep",
    "restore": "keep", "doctor": "doctor", "trace": "ask", "keys": "keys", "accounts": "accounts",
}  # fmt: skip
"""The module of this package in which each command stands under its name."""


def app_of(names: Iterable[str]) -> typer.Typer:
    """The command line with these commands."""
    app = typer.Typer(
        name="stemma",
        help="Quality traceability for manufacturers: capture EPCIS events, trace them, recall with certainty.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,
        callback=lambda: None,  # a command that stands alone would be taken for the whole
    )
    for name in names:
        command = getattr(import_module(f"services.cli.{MODULES[name]}"), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def main() -> None:
    """Entry point of the installed command."""
    named = next((text for text in sys.argv[1:] if not text.startswith("-")), None)
    # What is loaded stays, so that looking through it for garbage would be in vain.
    gc.disable()
    app = app_of([named] if named in MODULES else MODULES)
    gc.freeze()
    gc.enable()
    app()
