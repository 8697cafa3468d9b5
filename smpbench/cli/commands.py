"""Commands: the group that all commands are in: what it says of Ctrl-C and of a value that is none."""

from __future__ import annotations

import shlex
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from benchmark.errors import quoted

INTERRUPTED = 130
"""Exit status, as shells have it."""


class Commands(TyperGroup):
    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Call the command that was asked for."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            print(
                f"\ninterrupted; what is finished is kept. To go on from here: {command_line()}",
                file=sys.stderr,
            )
            raise typer.Exit(INTERRUPTED) from None
        except typer.BadParameter as error:
            # By its type alone nobody knows which of several values is meant.
            if (value := _refused(error.__cause__)) is not None:
                error.message = f"{quoted(repr(value))}: {error.message}"
            raise


def command_line() -> str:
    """The command that is running, as a shell takes it."""
    return shlex.join(["smpbench", *sys.argv[1:]])


def _refused(cause: BaseException | None) -> object:
    """The value that was refused, where the error knows it."""
    errors = getattr(cause, "errors", None)
    return errors()[0].get("input") if callable(errors) else None
