"""The command line, in this process and in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import typer
from raw_layouts import ROOT
from typer.testing import CliRunner, Result
from waiting import PATIENCE

from smpbench.cli.main import app


def smpbench(
    *arguments: str | Path, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The console script, in a process of its own."""
    command = [sys.executable, "-c", "from smpbench.cli.main import main; main()", *map(str, arguments)]
    env = {**os.environ, "PYTHONSAFEPATH": "1", **environment}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=PATIENCE)


def invoke(*arguments: str | Path) -> Result:
    """The same command in this process. An error that a user can mend stays an exception."""
    return CliRunner().invoke(app, list(map(str, arguments)))


def understood(arguments: list[str]) -> None:
    """Parse a command line without running it; raises what the command line would complain of."""
    command: Any = typer.main.get_command(app)
    if arguments == ["--help"]:
        return
    while hasattr(command, "commands"):
        assert arguments[0] in command.commands, f"no command '{arguments[0]}' in `{' '.join(arguments)}`"
        command, arguments = command.commands[arguments[0]], arguments[1:]
    if arguments:  # a bare `smpbench check` names a command and leaves its arguments out
        command.make_context(command.name, list(arguments))
