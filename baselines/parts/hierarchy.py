"""Groups inside groups, learned from the training posts: which there are, and how many posts each has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from baselines.parts.kept import Kept, Learnt

Levels = Sequence[NDArray[Any]]
"""From the top down: the name [n] of each post's group at that level, null where there is none."""


class Tree:
    """Nodes are numbered from 1. Node 0 is the root, and stands for every group that training has not seen.

    Nested, a group is a path: the same name below two parents is two groups. Otherwise each level stands by
    itself below the root, as one-hot codes have it.
    """

    def __init__(self, *, nested: bool = True) -> None:
        self.nested = nested

    def fit(self, levels: Levels, n: int) -> Self:
        """n: number of posts, which has to be told where there are no levels."""
        self.parents = np.zeros(1, np.int64)
        """[nodes + 1]"""
        self.levels = np.zeros(1, np.int64)
        """[nodes + 1] 1 for the groups at the top."""
        self.counts = np.array([n], np.int64)
        """[nodes + 1] training posts of each group, those of the groups inside it among them."""
        self.names = ["all"]
        """[nodes + 1] without the names above."""
        self._names: list[pd.Index] = []
        self._keys: list[NDArray[np.int64]] = []
        self._first: list[int] = []
        above = np.zeros(n, np.int64)
        for values in levels:
            below = self._grow(values, above)
            above = below if self.nested else above
        return self

    @property
    def depth(self) -> int:
        return len(self._keys)

    def paths(self, levels: Levels, n: int) -> NDArray[np.int64]:
        """int64 [n, depth] nodes from the top down; 0 where a group is missing or new, and all below it."""
        found = np.zeros((n, self.depth), np.int64)
        above = np.zeros(n, np.int64)
        for depth, values in enumerate(levels):
            found[:, depth] = self._nodes(depth, values, above)
            above = found[:, depth] if self.nested else above
        return found

    def ways(self) -> NDArray[np.int64]:
        """int64 [nodes + 1, depth]: of each node the path down to it, as `paths` gives it for a post."""
        found = np.zeros((len(self.parents), self.depth), np.int64)
        for node in range(1, len(found)):
            found[node] = found[self.parents[node]]
            found[node, self.levels[node] - 1] = node
        return found

    def path_name(self, node: int) -> str:
        """`Fashion > Shoes`"""
        above = int(self.parents[node])
        return f"{self.path_name(above)} > {self.names[node]}" if above else self.names[node]

    def keep(self, learnt: Learnt) -> None:
        for name, array in {"parents": self.parents, "levels": self.levels, "counts": self.counts}.items():
            learnt.put(name, array)
        learnt.tell("names", self.names)
        learnt.tell("groups", [index.tolist() for index in self._names])
        for depth, keys in enumerate(self._keys):
            learnt.put(f"keys_{depth}", keys)
        learnt.tell("first", self._first)

    def restore(self, kept: Kept) -> Self:
        import pandas as pd

        self.names = kept.all_told("names", str)
        nodes = len(self.names)
        self.parents, self.levels, self.counts = (
            kept.array(name, "i", nodes) for name in ("parents", "levels", "counts")
        )
        self._names = [pd.Index(groups) for groups in kept.all_told("groups", list)]
        self._keys = [kept.array(f"keys_{depth}", "i", None) for depth in range(len(self._names))]
        self._first = kept.all_told("first", int)
        ends = [first + len(keys) for first, keys in zip(self._first, self._keys, strict=True)]
        if [*self._first, nodes] != [1, *ends]:
            raise kept.wrong("", "its groups do not add up to its nodes")
        return self

    def _grow(self, values: NDArray[Any], above: NDArray[np.int64]) -> NDArray[np.int64]:
        """Add a level below the nodes [n]; gives the posts' nodes [n] on it."""
        import pandas as pd

        depth = self.depth
        codes, names = pd.factorize(values, sort=True)
        self._names.append(pd.Index(names))
        keys, counts = np.unique(self._key(depth, codes, above), return_counts=True)
        keys, counts = keys[keys >= 0], counts[keys >= 0]
        parents, code = np.divmod(keys, max(len(names), 1))
        self._keys.append(keys)
        self._first.append(len(self.parents))
        self.parents = np.append(self.parents, parents)
        self.levels = np.append(self.levels, np.full(len(keys), depth + 1))
        self.counts = np.append(self.counts, counts)
        self.names += [str(names[i]) for i in code]
        return self._nodes(depth, values, above)

    def _nodes(self, depth: int, values: NDArray[Any], above: NDArray[np.int64]) -> NDArray[np.int64]:
        keys = self._keys[depth]
        if not len(keys):
            return np.zeros(len(values), np.int64)
        wanted = self._key(depth, self._names[depth].get_indexer(values), above)
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[place] == wanted, self._first[depth] + place, 0)

    def _key(self, depth: int, codes: NDArray[np.int64], above: NDArray[np.int64]) -> NDArray[np.int64]:
        """One number for parent and name; -1 where the name is missing, or what is above is not known."""
        known = codes >= 0
        if self.nested and depth:
            known &= above > 0
        return np.where(known, above * max(len(self._names[depth]), 1) + codes, -1)
