"""Cascade files: who used something after whom, and who follows whom, as text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import DataError


@dataclass(frozen=True)
class Steps:
    """A cascade: its users, each once, in the order in which they came."""

    users: NDArray[np.int64]
    times: NDArray[np.int64]
    """As the file counts them."""


def read_cascades(file: Path) -> list[Steps]:
    """Of lines `name user time,user time,...`; ascending in when they began.

    Raises:
        DataError: a step that is no user and time, or times that fall.
    """
    found = []
    for row, line in enumerate(file.read_text().splitlines(), 1):
        if not line.strip():
            continue
        first, *others = line.strip().rstrip(",").split(",")
        try:
            _, *head = first.split()
            steps = np.array([[int(part) for part in step] for step in (head, *map(str.split, others))])
            if steps.ndim != 2 or steps.shape[1] != 2:
                raise ValueError
        except ValueError:
            raise DataError(
                "not a cascade", file=file, row=row, mend="A line reads `name user time,user time,...`."
            ) from None
        if np.any(np.diff(steps[:, 1]) < 0):
            raise DataError("its steps are not in the order of time", file=file, row=row)
        _, once = np.unique(steps[:, 0], return_index=True)
        once.sort()
        found.append(Steps(steps[once, 0], steps[once, 1]))
    if not found:
        raise DataError("no cascades", file=file)
    return sorted(found, key=lambda one: int(one.times[0]))


def read_follows(file: Path) -> NDArray[np.int64]:
    """int64 [m, 2] of lines `follower,followed`, each pair once, nobody following itself.

    Raises:
        DataError: a line that is not two numbers.
    """
    pairs = []
    for row, line in enumerate(file.read_text().splitlines(), 1):
        if not line.strip():
            continue
        try:
            follower, followed = map(int, line.split(","))
        except ValueError:
            raise DataError("not `follower,followed`", file=file, row=row, value=line) from None
        if follower != followed:
            pairs.append((follower, followed))
    return np.unique(np.asarray(pairs, np.int64).reshape(-1, 2), axis=0)
