"""In order: work on many things, some at a time, whose results come in the order of the things."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Thing = TypeVar("Thing")
Made = TypeVar("Made")


@contextmanager
def in_order(
    work: Callable[[Thing], Made], things: Iterable[Thing], at_once: int
) -> Iterator[Iterator[Made]]:
    """What `work` makes of each, in threads: it pays where most of it is arithmetic on arrays.

    Whoever leaves early, as when interrupted, waits for those that are begun and for no other.

    Args:
        at_once: how many, 1 or more.
    """
    pool = ThreadPoolExecutor(at_once)
    try:
        yield pool.map(work, things)
    finally:
        pool.shutdown(cancel_futures=True)
