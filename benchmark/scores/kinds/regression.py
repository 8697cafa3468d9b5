"""Regression: how popular a post becomes."""

from __future__ import annotations

from benchmark.scores.kinds.kind import Kind

REGRESSION = Kind(
    name="regression",
    about="how popular the post became, on the scoring scale",
    measures=("spearman", "mae", "rmse", "r2"),
    primary="mae",
    brief=("spearman", "mae"),
    reference="recent_median",
    reference_in_words="the account's recent median",
    asks="engagement",
    drawing="against",
)
