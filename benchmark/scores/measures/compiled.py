"""Compiled: loops over resamples, by numba, on first use."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any


@cache
def compiled(loops: Callable[..., Any]) -> Callable[..., Any]:
    """The function, compiled when it is first called and kept for later processes where a folder can be
    written."""
    # Imported here because the list of measures is read by commands that must answer at once. Not
    # `parallel=True`: numba's thread pools do not survive a fork, and cells are forked.
    import numba

    try:
        return numba.njit(cache=True, nogil=True)(loops)
    except RuntimeError:
        # Neither the source folder nor the user's cache folder can be written: compile in each process.
        return numba.njit(nogil=True)(loops)
