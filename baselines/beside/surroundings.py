"""Surroundings: what is talked about while a post goes out, from fact tables that are about nobody in
particular."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from benchmark import Posts

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from baselines.parts.kept import Kept, Learnt
    from benchmark.facts import Facts

DAYS = (1, 7)
MOST_LEVELS = 12
"""Of a categorical column, the most frequent in training: communities, topics."""


class Surroundings:
    """Counts of the facts that became known in the last day and week, in all and by level of each categorical
    column, and the mean sentiment (VADER's compound) of their text.

    A table with a column of role `user` or `post` is about somebody, and is left to other features.
    """

    def fit(self, train: Posts) -> Self:
        """Which tables there are, and the levels that training knows."""
        self.levels: dict[str, dict[str, list[str]]] = {}
        for name in train.fact_tables:
            facts = train.facts(name)
            if facts.with_role("user", "post"):
                continue
            frame = facts.table.to_pandas()
            self.levels[name] = {
                column: frame[column].value_counts().index[:MOST_LEVELS].tolist() if len(frame) else []
                for column in facts.with_role("categorical")
            }
        return self

    def frame(self, posts: Posts) -> pd.DataFrame:
        """float32 [n, features]"""
        import pandas as pd

        found: dict[str, NDArray[np.float32]] = {}
        for name, levels in self.levels.items():
            facts = posts.facts(name)
            numbers = self._numbers(facts, levels)
            for days in DAYS:
                begin, end = facts.ends - facts.count(days=days), facts.ends
                for feature, values in numbers.items():
                    running = np.concatenate([[0.0], np.cumsum(values)])
                    total = running[end] - running[begin]
                    if feature == "sentiment":
                        total = np.divide(
                            total, end - begin, out=np.full(len(total), np.nan), where=end > begin
                        )
                    found[f"{name} {feature} {days}d"] = total.astype(np.float32)
        return pd.DataFrame(found, index=range(len(posts)))

    def keep(self, learnt: Learnt) -> None:
        learnt.tell("levels", self.levels)

    @classmethod
    def restored(cls, kept: Kept, known: Posts) -> Self:
        """known: of a timeline that has the same tables."""
        found = cls()
        found.levels = kept.told("levels", dict)
        if lacking := sorted(set(found.levels) - set(known.fact_tables)):
            raise kept.wrong("", f"it reads facts that are not there: {', '.join(lacking)}")
        return found

    def _numbers(self, facts: Facts, levels: dict[str, list[str]]) -> dict[str, NDArray[np.float64]]:
        """Of each feature what each fact adds to it."""
        table = facts.table
        numbers = {"count": np.ones(len(facts))}
        for column, known in levels.items():
            values = table[column].to_numpy(zero_copy_only=False)
            numbers |= {f"count of {level}": (values == level).astype(np.float64) for level in known}
        if texts := facts.with_role("text"):
            numbers["sentiment"] = np.array([_sentiment(one or "") for one in table[texts[0]].to_pylist()])
        return numbers


def _sentiment(text: str) -> float:
    return float(_analyser().polarity_scores(text)["compound"])


@cache
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()
