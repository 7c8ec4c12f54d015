"""Runs the benches of this folder: all, or those named.

A bench is a module with `bench(plan)`; a coroutine `main()` without arguments will do too. `--full` takes the sizes of
docs/performance.md in place of those of a minute or two; `--servers` starts Kafka, Neo4j and PostgreSQL for the run,
unless `STEMMA_TEST_KAFKA`, `STEMMA_TEST_NEO4J` and `STEMMA_TEST_POSTGRES` name some (their data is replaced), and
`--servers-only` leaves out what is embedded.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

from tests.bench.served import Plan, planned


def _modules() -> dict[str, ModuleType]:
    """The benches of this folder by name."""
    names = [one.name for one in pkgutil.iter_modules([str(Path(__file__).parent)]) if one.name != "__main__"]
    found = {name: importlib.import_module(f"tests.bench.{name}") for name in sorted(names)}
    return {name: one for name, one in found.items() if hasattr(one, "bench") or hasattr(one, "main")}


def _run(module: ModuleType, plan: Plan) -> None:
    if hasattr(module, "bench"):
        module.bench(plan)
    else:
        asyncio.run(module.main())


def main() -> None:
    modules = _modules()
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(modules)}; default all")
    parser.add_argument("--full", action="store_true", help="the sizes of docs/performance.md")
    parser.add_argument("--servers", action="store_true", help="start the three servers for this run")
    parser.add_argument("--servers-only", action="store_true", help="the same, and nothing embedded")
    parser.add_argument("--seconds", type=float, default=0, help="how long a steady load is kept up")
    given = parser.parse_args()
    unknown = set(given.names) - modules.keys()
    if unknown:
        parser.error(f"no bench named {', '.join(sorted(unknown))}; there are {', '.join(modules)}")
    only = given.servers_only
    with planned(full=given.full, servers=given.servers or only, seconds=given.seconds, embedded=not only) as plan:
        for name in given.names or modules:
            print(f"\n{name}", flush=True)
            _run(modules[name], plan)


if __name__ == "__main__":
    main()
