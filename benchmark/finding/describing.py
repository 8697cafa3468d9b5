"""Describing: asks a short sealed process what a baseline says of itself. No file of a baseline runs in
here."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from benchmark import PROJECT
from benchmark.described import Described, Needs, Question, read_described
from benchmark.errors import BaselineError
from benchmark.finding.code import closure_hash, own_files
from benchmark.processes.cell_log import CellLog
from benchmark.processes.line import Gone
from benchmark.processes.talk import Budget, Killed, OverBudget, Stopped, Talk
from benchmark.processes.workers import Workers, describers
from benchmark.processes.workspace import workspace
from benchmark.sealing.seal import Seal, switched_off
from benchmark.sealing.writable import writable

BUDGET = Budget(seconds=120, memory_mb=8_000)
"""Of importing one file."""
AT_ONCE = 2


def described_files(paths: Iterable[Path]) -> dict[Path, Described | BaselineError]:
    """What each baseline's file says, or why it cannot."""
    paths = list(paths)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(paths, pool.map(_tried, paths), strict=True))


def needs_of(path: Path, settings: Sequence[Mapping[str, Any]]) -> list[Needs]:
    """What a baseline needs with each of these settings.

    Raises:
        BaselineError: the baseline cannot say; with its error.
    """
    told = _asked(path, settings).get("needs")
    try:
        found = [Needs.model_validate(one) for one in told] if isinstance(told, list) else []
    except ValidationError:
        found = []
    if len(found) != len(settings):
        raise BaselineError(f"{path}: it does not say what it needs")
    return found


def code_seal(path: Path) -> Seal | None:
    """Of a process that reads a baseline's code and nothing else; None if the user has switched seals off."""
    if switched_off():
        return None
    files = own_files(path)
    folders = sorted({str(file.parent) for file in files})
    return Seal(reads=tuple(map(str, files)), lists=tuple(folders))


def _tried(path: Path) -> Described | BaselineError:
    try:
        # The project's own files stay as they are while it runs.
        return _described(path, "" if path.is_relative_to(PROJECT) else closure_hash([path]))
    except (BaselineError, SyntaxError, ValueError, OSError) as error:
        return (
            error if isinstance(error, BaselineError) else BaselineError(f"{type(error).__name__}: {error}")
        )


@cache
def _described(path: Path, code: str) -> Described:
    """`code`: the hash of a user's file, which is asked anew when it has changed."""
    return read_described(_asked(path, ()).get("described"))


def _asked(path: Path, settings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Ask a process, once more if somebody has killed it."""
    for _ in range(2):
        try:
            return _answer(describers(), path, settings)
        except Killed as error:
            killed = error
        except (OverBudget, Stopped) as error:
            raise BaselineError(f"{path}: while it was imported, it {error}") from None
    raise BaselineError(f"{path}: {killed}")


def _answer(context: Workers, path: Path, settings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    with workspace() as folder:
        seal = code_seal(path)
        if seal is not None:
            seal = Seal(seal.reads, seal.lists, writable(folder), (str(PROJECT / "data"),))
        printed = CellLog(Path(os.devnull))
        try:
            worker = context.start(printed.write_end, folder)
        finally:
            printed.close_write_end()
        talk = Talk(worker, BUDGET, threading.Event())
        try:
            with talk.said():
                talk.line.send(Question(path, settings, folder, seal))
            talk.heard()
            return talk.heard()
        except Gone:
            raise talk.death() from None
        finally:
            worker.end()
            printed.finish()
