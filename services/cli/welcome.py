"""What `stemma serve` says at its start in the terminal: where the console is, and the link to the first account."""

from __future__ import annotations

import sys
from typing import Any

from services.accounts.routes import LINK_PATH
from services.bootstrap import House

_TEXT = """
  Open this link to make the first account (good once, for 24 hours):
  打开此链接创建第一个账户（仅可使用一次，24 小时内有效）：

  {link}
"""
_CONSOLE = """
  Console · 控制台：{url}
"""
_SERVE = "serve"


async def welcome(house: House | Any, url: str) -> None:
    """Print where the console is, and the link while nobody can make accounts; that of an earlier start ends."""
    here = house.settings.public_url or url
    print(_CONSOLE.format(url=here.rstrip("/") + "/"), file=sys.stdout, flush=True)
    if await house.people.accounts.administered():
        return
    text = await house.people.links.make("administrator", None, _SERVE)
    await house.people.record.add("link_made", "system", None, purpose="administrator", by=_SERVE)
    # Not through the log: a log is kept and sent on, and this is good for whoever reads it first.
    print(_TEXT.format(link=link_of(here, text)), file=sys.stdout, flush=True)


def link_of(url: str, text: str) -> str:
    """The whole link, to be opened in a browser."""
    return url.rstrip("/") + LINK_PATH + text
