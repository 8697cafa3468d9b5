"""Workers: started from one server, ended with all that they have started, and how they ended is known."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from waiting import PATIENCE, wait_until

from benchmark import PROJECT
from benchmark.processes.workers import Worker, Workers, workers

pytestmark = pytest.mark.usefixtures("preloaded")


@pytest.fixture
def context() -> Workers:
    return workers((), 1)


def started(context: Workers, folder: Path) -> Worker:
    log = os.open(os.devnull, os.O_WRONLY)
    try:
        return context.start(log, folder)
    finally:
        os.close(log)


@pytest.mark.slow
def test_how_a_worker_ended_is_known_however_its_end_and_ours_fall_together(
    context: Workers, tmp_path: Path
) -> None:
    """It ends by itself when the conversation does, and is told to end at nearly the same moment."""
    for turn in range(40):
        worker = started(context, tmp_path)
        worker.conversation.close()
        time.sleep(turn / 4000)
        ended = worker.end()
        assert ended.code in (0, -signal.SIGKILL)
        assert ended.peak_mb is not None and ended.peak_mb > 0
        assert worker.end() == ended, "asked twice"


def test_a_worker_that_is_killed_says_by_what(context: Workers, tmp_path: Path) -> None:
    worker = started(context, tmp_path)
    wait_until(lambda: bool(worker.processes()), "the worker was there")
    worker.processes()[0].send_signal(signal.SIGUSR1)
    assert worker.end().code == -signal.SIGUSR1


def test_of_a_worker_whose_keeper_is_killed_nothing_is_left(context: Workers, tmp_path: Path) -> None:
    worker = started(context, tmp_path)
    wait_until(lambda: bool(worker.processes()), "the worker was there")
    (inner,) = worker.processes()
    psutil.Process(worker.pid).kill()
    assert worker.end().code is None, "nobody can say"
    wait_until(lambda: not inner.is_running() or inner.status() == psutil.STATUS_ZOMBIE, "it was gone")


def test_a_run_that_has_gone_before_its_libraries_were_loaded_is_no_error() -> None:
    ours, theirs = socket.socketpair()
    ours.close()
    code = f"from benchmark.processes.forkserver import main; main({theirs.fileno()}, [])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        pass_fds=[theirs.fileno()], capture_output=True, text=True, cwd=PROJECT, timeout=PATIENCE,
    )  # fmt: skip
    theirs.close()
    assert (done.returncode, done.stderr) == (0, "")
