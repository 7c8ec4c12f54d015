"""What a built wheel carries, asked of setuptools itself: every package, the catalogue of words, the built console."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from setuptools import Distribution

from tests.unit.test_house_imports import MODULES

ROOT = Path(__file__).parents[2]
PYPROJECT = str(ROOT / "pyproject.toml")


def carried(root: Path) -> tuple[set[str], set[str]]:
    """Packages, and files that are no modules, by their paths in the wheel."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        distribution = Distribution({"src_root": str(root)})
        distribution.parse_config_files([PYPROJECT])
        command = distribution.get_command_obj("build_py")
        command.ensure_finalized()
        found = {f"{folder}/{name}" for _, folder, _, names in command.data_files for name in names}
    return set(distribution.packages), found


def test_every_package_is_in_the_wheel() -> None:
    packages, _ = carried(ROOT)
    modules = MODULES.items()
    assert packages == {name if path.name == "__init__.py" else name.rpartition(".")[0] for name, path in modules}


def test_the_words_and_the_built_console_are_in_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    console = tmp_path / "services" / "console"
    wanted = [
        *(f"words/{file.name}" for file in (ROOT / "services" / "console" / "words").iterdir()),
        "web/dist/index.html",
        "web/dist/assets/a-1.js",
        "../sentences.json",
    ]
    for name in [*wanted, "web/src/main.tsx", "web/node_modules/x/index.js"]:
        (console / name).parent.mkdir(parents=True, exist_ok=True)
        (console / name).write_text("")
    monkeypatch.chdir(tmp_path)
    _, files = carried(tmp_path)
    assert {Path(name).name for name in files} == {Path(name).name for name in wanted}
