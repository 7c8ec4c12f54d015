"""People for tests: accounts of any role in a running application, and browsers that hold their sessions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import httpx
from fastapi import FastAPI

from services.access import COOKIE
from services.accounts.people import Caller, People
from services.accounts.seen import Sought

if TYPE_CHECKING:
    from tests.e2e.conftest import Server

PASSWORD = "ein Satz, den man behält"
NOBODY = Caller("test", "127.0.0.1")


@dataclass
class Browser:
    """What a browser does of itself: it keeps the cookie, and sends its page's Origin with what is not a GET."""

    client: httpx.AsyncClient
    origin: str = "http://localhost"
    cookie: str | None = None
    csrf: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    async def __call__(self, method: str, path: str, **how: Any) -> httpx.Response:
        headers = {**self._own(method), **self.headers, **how.pop("headers", {})}
        answer = await self.client.request(method, path, headers=headers, **how)
        self.keep(answer)
        return answer

    def _own(self, method: str) -> dict[str, str]:
        headers = {"sec-fetch-site": "same-origin"}
        if self.cookie:
            headers["cookie"] = f"{COOKIE}={self.cookie}"
        if method not in ("GET", "HEAD"):
            headers["origin"] = self.origin
            if self.csrf:
                headers["stemma-csrf"] = self.csrf
        return headers

    def keep(self, answer: httpx.Response) -> None:
        """Take what an answer sets; a page takes the token from the answer to a sign-in."""
        for line in answer.headers.get_list("set-cookie"):
            self.cookie = line.partition(";")[0].partition("=")[2].strip('"') or None
            self.csrf = answer.json().get("csrf")

    async def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        return await self("POST", "/api/v1/session", json={"name": name, "password": password})


def people_of(app: FastAPI) -> People:
    people: People = app.state.house.people
    return people


async def first_account(app: FastAPI, name: str = "boss", password: str = PASSWORD) -> str:
    """The first account by the link of the terminal; its id."""
    people = people_of(app)
    text = await people.links.make("administrator", None, "terminal")
    _, principal = await people.redeem(text, name, None, password, NOBODY)
    assert principal.account_id is not None
    return principal.account_id


async def account(app: FastAPI, name: str, *roles: str, password: str = PASSWORD) -> str:
    """An account whose owner has used the invitation; its id."""
    people = people_of(app)
    made, link = await people.add(name, name, roles, NOBODY)
    await people.redeem(link, None, None, password, NOBODY)
    return made.id


async def signed_in(client: httpx.AsyncClient, name: str = "boss") -> Browser:
    """A browser of its own with a session of this account."""
    browser = Browser(client)
    answer = await browser.sign_in(name)
    assert answer.status_code == 201, answer.text
    return browser


async def recorded(app: FastAPI, *kinds: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Records of `access` as (kind, actor, body), oldest first."""
    found = await people_of(app).seen.page(Sought(descending=False), 1000)
    every = [(one.access.kind, one.access.actor, dict(one.access.body)) for one in found]
    return [one for one in every if not kinds or one[0] in kinds]


def links_in(text: str) -> list[str]:
    """The texts of one-time links in what was printed."""
    return re.findall(r"/setup#([\w-]{43})\s", text)


def link_of(server: Server, number: int = 1) -> str:
    """The so-and-so-many-th link that a server printed; it does so just after it begins to answer."""
    deadline = monotonic() + 20
    while monotonic() < deadline:
        if len(found := links_in(server.log.read_text())) >= number:
            return found[number - 1]
        sleep(0.05)
    raise AssertionError(f"no link was printed:\n{server.tail()}")
