"""`stemma keys add|list|revoke`: keys of the running server, through its own API."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.client import Client
from services.cli.say import err, out, plainly
from services.settings import load_settings

keys = typer.Typer(help="API keys of the running server.", no_args_is_help=True)


@keys.command("add")
def add(
    name: Annotated[str, typer.Argument(help="what the key is for")],
    scope: Annotated[list[str], typer.Option("--scope", help="capture, read, correct or admin; may be repeated")],
) -> None:
    """Make a key and print it, this once. The first of all needs the scope admin."""
    with plainly(), Client(load_settings()) as client:
        made = client.call("POST", "/api/v1/keys", json={"name": name, "scopes": scope}).json()
        err.print(f"key {made['id']} ({', '.join(made['scopes'])}): keep it now, it is not shown again")
        out.print(made["key"])


@keys.command("list")
def list_keys() -> None:
    """Every key ever made, revoked ones too."""
    with plainly(), Client(load_settings()) as client:
        for key in client.call("GET", "/api/v1/keys").json()["keys"]:
            state = f"revoked {key['revoked']}" if key["revoked"] else "good"
            out.print(f"{key['id']}  {key['created']}  {','.join(key['scopes']):26}  {state}  {key['name']}")


@keys.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(help="the key's id, as `keys list` shows it")]) -> None:
    """Refuse a key from now on."""
    with plainly(), Client(load_settings()) as client:
        found = client.call("DELETE", f"/api/v1/keys/{key_id}").json()
        out.print(f"key {found['id']} revoked {found['revoked']}")
