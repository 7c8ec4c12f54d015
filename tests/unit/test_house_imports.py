"""The house rules on imports and sizes, read from the sources themselves (docs: architecture)."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("schemas", "events", "projections", "services")
ADAPTERS = (
    "events.sqlite_log",
    "events.kafka_log",
    "projections.genealogy.embedded",
    "projections.genealogy.neo4j",
    "projections.index.store",
)
DRIVERS = {"aiokafka", "neo4j", "asyncpg", "aiosqlite"}
LONGEST = 400
NO_NETWORK = {"requests", "urllib3"}


def modules() -> dict[str, Path]:
    """Every module of the four layers, by dotted name."""
    found = {}
    for layer in LAYERS:
        for path in sorted((ROOT / layer).rglob("*.py")):
            if "node_modules" in path.parts:
                continue
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def imported(name: str, *, at_start: bool = False) -> Iterator[str]:
    """Modules a source imports; with `at_start` only those that importing it runs (not in functions or for types)."""
    body = list(_run_at_start(tree(name))) if at_start else list(ast.walk(tree(name)))
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports by dots: write the whole name"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else str(node.module)


def of(*layers: str) -> list[str]:
    """Modules of these layers."""
    return [name for name in MODULES if name.split(".")[0] in layers]


def using(modules: Collection[str], packages: Collection[str]) -> dict[str, set[str]]:
    """Which of the modules import which of the packages."""
    found = {name: {one.split(".")[0] for one in imported(name)} & set(packages) for name in modules}
    return {name: packages for name, packages in found.items() if packages}


def _run_at_start(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from _run_at_start(node)


def test_there_are_modules_in_every_layer() -> None:
    assert {name.split(".")[0] for name in MODULES} == set(LAYERS)
    assert len(MODULES) > 30


def test_imports_point_one_way() -> None:
    for number, layer in enumerate(LAYERS):
        assert not using(of(layer), LAYERS[number + 1 :]), f"{layer} looks upward"


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {name: {f for f in imported(name, at_start=True) if f in MODULES and f != name} for name in MODULES}
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as circle:
        pytest.fail(f"circle: {' -> '.join(circle.args[1])}")


def test_only_bootstrap_knows_adapters() -> None:
    """For types too."""
    others = [name for name in of("services") if name != "services.bootstrap"]
    assert not {name for name in others if set(imported(name, at_start=True)) & set(ADAPTERS)}


def test_no_driver_is_used_outside_the_adapters() -> None:
    assert not using(of("schemas", "services"), DRIVERS | NO_NETWORK)


def test_schemas_do_no_io() -> None:
    assert not using(of("schemas"), ("sqlite3", "socket", "httpx", "asyncio", "sqlalchemy", "fastapi", "subprocess"))


def test_a_module_can_be_held_in_mind() -> None:
    lines = {name: path.read_text(encoding="utf-8").count("\n") for name, path in MODULES.items()}
    assert not {name: many for name, many in lines.items() if many > LONGEST}


def test_a_module_says_what_it_is_for() -> None:
    assert not [name for name in MODULES if tree(name).body and not ast.get_docstring(tree(name))]


def test_bootstrap_loads_no_driver_until_it_opens_something() -> None:
    import subprocess

    code = (
        f"import sys, services.bootstrap\nassert not {sorted(DRIVERS - {'aiosqlite'})!r} & sys.modules.keys()".replace(
            "[", "{"
        ).replace("]", "}")
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
