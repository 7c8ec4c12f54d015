"""The `stemma` command: its sub-commands in one place."""

from __future__ import annotations

import typer

from services.cli.accounts import accounts
from services.cli.ask import trace
from services.cli.capture import capture
from services.cli.doctor import doctor
from services.cli.keep import backup, rebuild, replay, restore, verify
from services.cli.keys import keys
from services.cli.serve import serve

app = typer.Typer(
    name="stemma",
    help="Quality traceability for manufacturers: capture EPCIS events, trace them, recall with certainty.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
for command in (serve, capture, rebuild, replay, verify, backup, restore, doctor):
    app.command()(command)
app.add_typer(trace, name="trace")
app.add_typer(keys, name="keys")
app.add_typer(accounts, name="accounts")


def main() -> None:
    """Entry point of the installed command."""
    app()
