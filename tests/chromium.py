"""A real Chromium, driven over its debugging pipe: what a browser does of itself no client library can tell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

SECONDS = 60.0


def program() -> str | None:
    """Where Debian's Chromium is, without a window's parts if it is to be had so; None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))), None)


class Chromium:
    """One headless browser with a profile of its own and one page at a time. Close it by `with`."""

    def __init__(self, profile: Path) -> None:
        found = program()
        assert found is not None
        to_read, self._out = os.pipe()
        self._in, to_write = os.pipe()
        # The protocol asks for descriptors 3 and 4.
        command = [
            found, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank",
        ]  # fmt: skip
        shell = f'exec "$@" 3<&{to_read} 4>&{to_write}'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "bash", *command], pass_fds=(to_read, to_write),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_read)
        os.close(to_write)
        self._rest = b""
        self._number = 0
        self._context: str | None = None
        self.begin_anew()

    def __enter__(self) -> Chromium:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._out)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        os.close(self._in)

    def call(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        """One command of the DevTools protocol and its result."""
        self._number += 1
        told: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            told["sessionId"] = session
        os.write(self._out, json.dumps(told).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self._number:
                assert "error" not in message, message
                return message["result"]

    def page(self, method: str, **parameters: Any) -> Any:
        """A command to the page."""
        return self.call(method, self._session, **parameters)

    def begin_anew(self) -> None:
        """One page without cookies, stores and history, in place of the one before."""
        if self._context is not None:
            self.call("Target.disposeBrowserContext", browserContextId=self._context)
        self._context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=self._context)["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.page("Page.enable")

    def open(self, url: str) -> None:
        """Go there and wait until it has loaded."""
        self.page("Page.navigate", url=url)
        while self._message().get("method") != "Page.loadEventFired":
            pass

    def run(self, script: str) -> Any:
        """The value of an expression in the page; promises are awaited."""
        found = self.page("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            some = os.read(self._in, 65_536)
            assert some, "Chromium ended"
            self._rest += some
        first, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(first)
        return found
