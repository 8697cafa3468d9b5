"""Beside: what trees, ridge and networks may be told beside a post and its account's past, by name."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, Self

from baselines.beside.graph import Graph
from baselines.beside.handles import Handles
from baselines.beside.surroundings import Surroundings
from benchmark import Array, Posts

if TYPE_CHECKING:
    import pandas as pd

    from baselines.parts.kept import Kept, Learnt

TOLD = ("facts", "graph", "shuffled", "named")
"""`facts`: what is talked about while a post goes out. `graph`: of its author and of whom it names, from
edges; `shuffled`: the same of other accounts, a control. `named`: how posts that named the same accounts have
done, without edges."""
NEEDED = {"graph": "edges", "shuffled": "edges", "named": "names"}


def needed(inputs: Iterable[str]) -> Set[str]:
    """What a data set must have for these."""
    return {NEEDED[name] for name in inputs if name in NEEDED}


class Beside:
    """Columns of numbers from whichever of `TOLD` are among a model's inputs; none without them."""

    def __init__(self, inputs: Iterable[str]) -> None:
        self.inputs = [name for name in TOLD if name in inputs]

    def fit(self, posts: Posts, y: Array) -> Self:
        self.parts: dict[str, Surroundings | Graph | Handles] = {}
        for name in self.inputs:
            if name == "facts":
                self.parts[name] = Surroundings().fit(posts)
            elif name == "named":
                self.parts[name] = Handles().fit(posts, y)
            else:
                self.parts[name] = Graph(shuffled=name == "shuffled").fit(posts)
        return self

    def add(self, posts: Posts, y: Array) -> None:
        """Labels that have become known."""
        for part in self.parts.values():
            if isinstance(part, Handles):
                part.add(posts, y)

    def joined(self, frame: pd.DataFrame, posts: Posts) -> pd.DataFrame:
        """A table of features of posts with these columns after its own."""
        for part in self.parts.values():
            more = part.frame(posts)
            frame = frame.join(more[[name for name in more if name not in frame]])
        return frame

    def keep(self, learnt: Learnt) -> None:
        for name, part in self.parts.items():
            part.keep(learnt.part(name))

    def restore(self, kept: Kept, known: Posts) -> Self:
        """known: of a timeline that has the same tables of facts."""
        self.parts = {}
        for name in self.inputs:
            if name == "facts":
                self.parts[name] = Surroundings.restored(kept.part(name), known)
            elif name == "named":
                self.parts[name] = Handles.restored(kept.part(name), len(known.targets))
            else:
                self.parts[name] = Graph.restored(kept.part(name), known, shuffled=name == "shuffled")
        return self
