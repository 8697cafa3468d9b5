"""Judge: what the server asks of a model, and of the client's own policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from desk.ranking import Draft, Model, Ranking

Policy = Callable[[Ranking], Ranking]
"""Puts the marks of a client's policy on a ranking. It changes no score and no place."""


class Judge(Protocol):
    """A fitted model. It is asked by one thread at a time."""

    @property
    def model(self) -> Model: ...

    @property
    def columns(self) -> Mapping[str, str]:
        """Further columns of the model's card that a draft may tell: name -> role."""
        ...

    def rank(self, drafts: Sequence[Draft], images: Mapping[int, Path]) -> Ranking:
        """Judge drafts and order them.

        Args:
            images: number of a draft -> its image. The files are gone once this has returned.

        Raises:
            SmpbenchError: of these drafts nothing can be said; the text says why.
        """
        ...
