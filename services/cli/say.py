"""How the command line speaks: results on standard output, all else on standard error, faults with their fix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console

from schemas.errors import StemmaError

out = Console(highlight=False, soft_wrap=True, markup=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def stop(text: str, code: int = 1) -> NoReturn:
    """Say why on standard error and end with `code`."""
    err.print(text)
    raise typer.Exit(code)


@contextmanager
def plainly() -> Iterator[None]:
    """Errors of the tree as a sentence and their fields' fixes, without a stack; exit code 1, 75 if a retry may do."""
    try:
        yield
    except StemmaError as fault:
        err.print(f"{fault.title}: {fault.detail}")
        if len(fault.errors) > 1:
            for e in fault.errors[:20]:
                err.print(f"  {e.field}: {e.fix} (was {e.value})")
        raise typer.Exit(75 if fault.retryable else 1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
