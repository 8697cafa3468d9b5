"""Batches side by side: as many at a time as there are threads, each the work of one.

Matrices multiplied in bfloat16 are rounded otherwise by two threads than by one. A vector must not tell on
how many cores it was made: it is kept under a fingerprint that does not say so, and others go on from it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from benchmark.encoders.hardware import device

Batch = TypeVar("Batch")
Made = TypeVar("Made")


def side_by_side(
    work: Callable[[Batch], Made], batches: Iterable[Batch], threads: int | None
) -> Iterator[Made]:
    """What `work` makes of each batch, in the order of the batches, without gradients.

    While it is read, torch computes with one thread in each of its callers.

    Args:
        work: loads nothing: several threads call it.
        batches: are made by the calling thread, few at a time.
        threads: None: as many as torch would take, which heeds OMP_NUM_THREADS.
    """
    import torch

    def made(batch: Batch) -> Made:
        with torch.inference_mode():  # which holds for one thread
            return work(batch)

    before = torch.get_num_threads()
    lanes = (threads or before) if device() == "cpu" else 1
    torch.set_num_threads(1)
    waiting: deque[Future[Made]] = deque()
    try:
        with ThreadPoolExecutor(lanes, thread_name_prefix="encode") as pool:
            for batch in batches:
                waiting.append(pool.submit(made, batch))
                if len(waiting) > lanes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
    finally:
        torch.set_num_threads(before)
