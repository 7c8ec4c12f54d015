"""`stemma accounts link|list`: the way in for who may run a program on this machine, and who has an account."""

from __future__ import annotations

import asyncio

import typer

from services.bootstrap import make_administrator_link
from services.cli.client import Client, server_of
from services.cli.say import err, out, plainly
from services.cli.welcome import link_of
from services.settings import load_settings

accounts = typer.Typer(help="Accounts of people.", no_args_is_help=True)


@accounts.command("link")
def link() -> None:
    """Print a link that makes an administrator or puts a lost one right. Good once, for 24 hours.

    It is written into the server's database, running or not: whoever may do that needs no key. Earlier links end.
    """
    with plainly():
        settings = load_settings()
        text = asyncio.run(make_administrator_link(settings))
        err.print("open this link; give an administrator's name to set its password anew, or a new name")
        out.print(link_of(settings.public_url or server_of(settings), text))


@accounts.command("list")
def list_accounts() -> None:
    """Every account ever made, disabled ones too."""
    with plainly(), Client(load_settings()) as client:
        for one in client.call("GET", "/api/v1/accounts").json()["accounts"]:
            state = "" if one["has_password"] else "no password yet"
            state = f"disabled {one['disabled']}" if one["disabled"] else state
            out.print(f"{one['id']}  {one['created']}  {one['name']}  {','.join(one['roles'])}  {state}".rstrip())
