"""The house rules on imports and sizes, read from the sources themselves (docs: architecture)."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
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


def imported(path: Path, name: str, *, at_start: bool = False) -> Iterator[str]:
    """Modules a source imports; with `at_start` only those that importing it runs (not in functions or for types)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    body = list(_run_at_start(tree)) if at_start else list(ast.walk(tree))
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports by dots: write the whole name"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else str(node.module)


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


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_one_way(name: str) -> None:
    layer = LAYERS.index(name.split(".")[0])
    above = {
        found
        for found in imported(MODULES[name], name)
        if found.split(".")[0] in LAYERS and LAYERS.index(found.split(".")[0]) > layer
    }
    assert not above, f"{name} looks upward at {sorted(above)}"


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {
        name: {f for f in imported(path, name, at_start=True) if f in MODULES and f != name}
        for name, path in MODULES.items()
    }
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as circle:
        pytest.fail(f"circle: {' -> '.join(circle.args[1])}")


@pytest.mark.parametrize("name", [n for n in MODULES if n.startswith("services") and n != "services.bootstrap"])
def test_only_bootstrap_knows_adapters(name: str) -> None:
    for_types_too = set(imported(MODULES[name], name, at_start=True))
    assert not for_types_too & set(ADAPTERS)


@pytest.mark.parametrize("name", [n for n in MODULES if n.split(".")[0] in ("schemas", "services")])
def test_no_driver_is_used_outside_the_adapters(name: str) -> None:
    tops = {found.split(".")[0] for found in imported(MODULES[name], name)}
    assert not tops & DRIVERS
    assert not tops & NO_NETWORK


@pytest.mark.parametrize("name", [n for n in MODULES if n.startswith("schemas")])
def test_schemas_do_no_io(name: str) -> None:
    tops = {found.split(".")[0] for found in imported(MODULES[name], name)}
    assert not tops & {"sqlite3", "socket", "httpx", "asyncio", "sqlalchemy", "fastapi", "subprocess"}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_can_be_held_in_mind(name: str) -> None:
    lines = MODULES[name].read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST, f"{name} has {lines} lines"


@pytest.mark.parametrize("name", [n for n in MODULES if MODULES[n].read_text(encoding="utf-8").strip()])
def test_a_module_says_what_it_is_for(name: str) -> None:
    assert ast.get_docstring(ast.parse(MODULES[name].read_text(encoding="utf-8")))


def test_bootstrap_loads_no_driver_until_it_opens_something() -> None:
    import subprocess

    code = (
        f"import sys, services.bootstrap\nassert not {sorted(DRIVERS - {'aiosqlite'})!r} & sys.modules.keys()".replace(
            "[", "{"
        ).replace("]", "}")
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
