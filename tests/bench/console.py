"""The recall explorer in a real Chromium: from the address to totals and a list that take a press.

The page's code is at hand, as for anybody who has opened it before. The alternative of the same run is an answer of ten
objects: what more it costs to look at ten thousand.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

import orjson

from tests.bench.load import DOCK
from tests.bench.served import Caller, Plan, served
from tests.chromium import Chromium, program

SMALL, LARGE = 10, 10_000
REPEATS = 7
_SEED = "https://id.gs1.org/01/09521001000017/10/BENCH-{count}"
_ITEM = "https://id.gs1.org/01/09521001000024/21/{count}-{number}"
_LOOK = """(async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const until = async (found) => {
    for (const began = performance.now(); !found(); await frame()) {
      if (performance.now() - began > 60000) throw new Error("nothing is shown");
    }
  };
  const go = (address) => {
    history.pushState({}, "", address);
    dispatchEvent(new PopStateEvent("popstate"));
  };
  const rows = () => document.querySelectorAll(".recall-scroll tbody tr:not([aria-hidden])");
  go("/recall");
  await until(() => document.querySelector(".recall-start"));
  const began = performance.now();
  go(%s);
  await until(() => document.querySelector(".recall-head-count")?.textContent === %s && rows().length > 1);
  rows()[1].click();
  await until(() => document.querySelector(".recall-selected"));
  return performance.now() - began;
})()"""


def bench(plan: Plan) -> None:
    """Print milliseconds from the address until a row answers a press, and how they compare."""
    if program() is None:
        print("  Chromium is missing")
        return
    with served(plan, "embedded") as server, tempfile.TemporaryDirectory() as profile:
        caller = Caller(server)
        for count in (SMALL, LARGE):
            caller.see(_SEED.format(count=count), caller.scan(_made(count)))
        with Chromium(Path(profile)) as browser:
            browser.open(f"http://localhost:{server.port}/recall")
            small, large = (_looks(browser, count) for count in (SMALL, LARGE))
    print(
        f"{LARGE:,} affected objects: interactive after {large:.0f} ms (median of {REPEATS}); "
        f"{SMALL} objects {small:.0f} ms; ratio {large / small:.1f}",
        flush=True,
    )


def _made(count: int) -> bytes:
    """One process that makes so many items of a lot."""
    return orjson.dumps(
        {
            "activity": "make", "time": "2026-07-01T08:00:00+08:00", "place": DOCK, "order": f"BENCH-{count}",
            "inputs": [{"id": _SEED.format(count=count), "quantity": "1", "unit": "KGM"}],
            "outputs": [_ITEM.format(count=count, number=number) for number in range(count - 1)],
        }
    )  # fmt: skip


def _looks(browser: Chromium, count: int) -> float:
    """Median milliseconds; each look asks anew, since an instant of its own is another question."""
    taken: list[float] = []
    for turn in range(REPEATS + 1):
        address = f"/recall?object={_SEED.format(count=count)}&happened_by=2026-07-02T00:00:{turn:02}Z"
        script = _LOOK % (orjson.dumps(address).decode(), orjson.dumps(f"{count:,}").decode())
        taken.append(float(browser.run(script)))
    return statistics.median(taken[1:])
