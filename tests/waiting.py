"""Waiting for what other processes do: for the thing itself, and never for a time in which it should be done.

A busy machine may be ten times as slow as a quiet one. No test fails for that: how long it waits is only how
long a test that has gone wrong takes to say so.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

PATIENCE = 900.0
"""Seconds. What takes longest on a quiet machine takes a minute."""
FOR_EVER = 10 * PATIENCE
"""Seconds. What sleeps so long will be ended by what is tested, or by the test, and not by itself."""


def wait_until(happened: Callable[[], bool], what: str, process: subprocess.Popen[str] | None = None) -> None:
    """Return as soon as something has happened.

    Args:
        what: in words, for when it has not.
        process: is to bring it about: once it has ended without, there is nothing to wait for.
    """
    deadline = time.monotonic() + PATIENCE
    while not happened():
        # In this order: what happened just before the end has happened.
        if process is not None and process.poll() is not None and not happened():
            raise AssertionError(f"ended with {process.returncode} before {what}: {process.communicate()}")
        assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s in vain until {what}"
        time.sleep(0.02)
