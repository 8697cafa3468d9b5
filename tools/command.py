"""Command: a tool says in a sentence what is wrong with its input, as `smpbench` does, and stops quietly."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sized
from pathlib import Path
from typing import TypeVar

from benchmark.errors import SmpbenchError, StoreError
from smpbench.cli.commands import INTERRUPTED

Read = TypeVar("Read", bound=Sized)


def run(main: Callable[[], object]) -> None:
    """Run a tool; exit with 1 where something is wrong, and as a shell expects after Ctrl-C."""
    try:
        main()
        sys.stdout.flush()
    except SmpbenchError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # whoever reads, as `head`, has enough; what is left goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def some(read: Read, where: Path) -> Read:
    """What was read of results.

    Raises:
        StoreError: it is nothing: a table without lines would look like a finding.
    """
    if not read:
        raise StoreError(f"{where}: no results lie there")
    return read
