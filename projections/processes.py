"""What the processes that the service starts beside itself share."""

from __future__ import annotations

import os
import sys


def same_environment() -> dict[str, str]:
    """This process's environment, in which another Python finds the modules that this one finds."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
