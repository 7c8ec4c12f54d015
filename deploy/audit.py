"""Known vulnerabilities among the locked dependencies (`make audit`); a failure where there are any.

PyPI's advisories are asked. A registry that holds none, as many mirrors do, cannot answer: that is said loudly, and is
no failure, since nothing was found out either way.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCKS = ("requirements.lock", "deploy/requirements.lock")
ROOT = Path(__file__).parents[1]


def asked(lock: str) -> list[dict[str, Any]] | None:
    """What is known of each dependency of a lock; None where the registry does not answer."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--requirement",
        str(ROOT / lock),
        "--disable-pip",
        "--format",
        "json",
    ]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False).stdout
        found: list[dict[str, Any]] = json.loads(told)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return None
    return found if any("skip_reason" not in one for one in found) else None


def main() -> int:
    """0 unless something is known against a dependency."""
    failed = 0
    for lock in LOCKS:
        found = asked(lock)
        if found is None:
            print(f"{lock}: NOT AUDITED, the registry here holds no advisories; run `make audit` where PyPI answers")
            continue
        bad = [(one, known) for one in found for known in one.get("vulns", ())]
        for one, known in bad:
            print(
                f"{lock}: {one['name']} {one['version']}: {known['id']}, mended in {', '.join(known['fix_versions'])}"
            )
        print(f"{lock}: {len(found)} dependencies, {len(bad)} known vulnerabilities")
        failed += len(bad)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
