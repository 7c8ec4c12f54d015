"""The data folder's lock: one holder at a time, told by name, gone with its process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.errors import Conflict
from services.lock import hold, holder

HOLD_AND_WAIT = (
    "import sys, pathlib, services.lock as l\n"
    "with l.hold(pathlib.Path(sys.argv[1]), 'serve') as lock:\n"
    "    lock.tell(url='http://127.0.0.1:1')\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)


def test_a_second_holder_is_refused_and_told_who_holds(tmp_path: Path) -> None:
    told = pytest.raises(Conflict, match=rf"process {os.getpid()} \(serve\)")
    with hold(tmp_path / "data", "serve"), told, hold(tmp_path / "data", "rebuild"):
        pass
    with hold(tmp_path / "data", "rebuild"):
        pass
    assert holder(tmp_path / "data") is None


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD_AND_WAIT, str(tmp_path)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert holder(tmp_path) == {"pid": process.pid, "doing": "serve", "url": "http://127.0.0.1:1"}
        with pytest.raises(Conflict, match="in use"), hold(tmp_path, "restore"):
            pass
        process.kill()
        process.wait()
        assert holder(tmp_path) is None
        with hold(tmp_path, "restore"):
            pass


def test_a_folder_that_is_not_there_is_held_by_nobody(tmp_path: Path) -> None:
    assert holder(tmp_path / "none") is None
