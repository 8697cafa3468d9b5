"""Sent: a baseline that no file holds (a notebook or a script does) goes to its worker by value.

The parent pickles it into the cell's folder and the worker loads it from there. That crosses the boundary in
the harmless direction only: the code is its user's own, who has run it already. What comes back from the
worker stays JSON and raw float32: see `benchmark.worker`.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cloudpickle

from benchmark.baseline import Baseline
from benchmark.described import Needs, described, needs
from benchmark.errors import BaselineError
from benchmark.finding.canonical import Canonical, is_own
from benchmark.finding.code import closure_hash
from benchmark.finding.discovery import Found
from benchmark.loading import SENT


@dataclass(frozen=True)
class Sent(Found):
    """A baseline by its class, wherever that is defined. `path` is its file in a cell's folder.

    Its code has run in this process already, which is its user's own: the class may be asked here.
    """

    cls: type[Baseline] = Baseline

    @classmethod
    def of(cls, name: str, baseline: type[Baseline]) -> Sent:
        """A baseline that goes by this name.

        Raises:
            BaselineError: something that the class uses cannot be pickled.
        """
        sent = cls(name, Path(f"{baseline.__name__}{SENT}"), described(baseline), cls=baseline)
        _ = sent._parcel  # complains now rather than in the cell
        return sent

    @property
    def code(self) -> str:
        """sha256 over the class and all that it reaches: see `benchmark.finding.canonical`; and over the
        project's code, as of any baseline."""
        return self._digest

    def reads(self) -> tuple[list[Path], list[Path]]:
        return [], []

    def beside(self) -> list[Path]:
        """None: it has no file that others could lie beside."""
        return []

    def placed(self, folder: Path) -> Path:
        path = folder / self.path
        path.write_bytes(self._parcel)
        return path

    def _asked(self, every: Sequence[Mapping[str, Any]]) -> list[Needs]:
        return [needs(self.cls, settings) for settings in every]

    @cached_property
    def _parcel(self) -> bytes:
        buffer = io.BytesIO()
        self._dump(cloudpickle.Pickler(buffer))
        return buffer.getvalue()

    @cached_property
    def _digest(self) -> str:
        canonical = Canonical()
        self._dump(canonical)
        files = closure_hash(sorted(canonical.files))
        return hashlib.sha256(f"{files}\n{canonical.form()}".encode()).hexdigest()

    def _dump(self, pickler: Any) -> None:
        with _own_modules_by_value():
            try:
                pickler.dump(self.cls)
            except Exception as error:  # whatever a user's object raises when it is asked for its state
                raise BaselineError(
                    f"{self.cls.__name__} cannot be sent to the process that it is to run in: "
                    f"{type(error).__name__}: {error}. Put it in a file of its own and evaluate the path"
                ) from None


@contextlib.contextmanager
def _own_modules_by_value() -> Iterator[None]:
    """Of modules of the user's own, what is used is sent along: a worker need not find them, and what they
    hold is part of the key."""
    own = [module for module in list(sys.modules.values()) if is_own(module)]
    for module in own:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in own:
            cloudpickle.unregister_pickle_by_value(module)
