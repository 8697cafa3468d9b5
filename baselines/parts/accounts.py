"""Accounts: those that training knew, by a post of each; another timeline gives them other codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from benchmark import Posts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from baselines.parts.kept import Kept, Learnt


class Accounts:
    """Codes of accounts as training had them."""

    def fit(self, posts: Posts) -> Self:
        self.then, first = np.unique(posts.users, return_index=True)
        self.posts: list[str] = posts.ids[first].tolist()
        self.now = self.then
        return self

    def of(self, users: NDArray[np.int64]) -> NDArray[np.int64]:
        """int64 [n]: of the codes that accounts have here, those that they had then; -1 for a new one.

        Where nothing was loaded they are the same, and a new one's is as it is.
        """
        if self.now is self.then:
            return users
        order = np.argsort(self.now)
        place = order[np.minimum(np.searchsorted(self.now, users, sorter=order), len(order) - 1)]
        return np.where(self.now[place] == users, self.then[place], -1)

    def keep(self, learnt: Learnt) -> None:
        learnt.put("codes", self.then)
        learnt.tell("posts", self.posts)

    @classmethod
    def restored(cls, kept: Kept, known: Posts) -> Self:
        """known: see `Baseline.load`."""
        import pandas as pd

        found = cls()
        found.posts = kept.all_told("posts", str)
        found.then = kept.array("codes", "i", len(found.posts))
        rows = pd.Index(known.ids).get_indexer(found.posts)
        if (rows < 0).any():
            missing = found.posts[int(np.argmin(rows))]
            raise kept.wrong("", f"post {missing}, which it was fitted on, is not among the known ones")
        found.now = known.users[rows]
        return found
