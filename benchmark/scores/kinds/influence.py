"""Influence: which accounts come to most in the time that begins. A row is an account and such a time."""

from __future__ import annotations

from benchmark.scores.kinds.kind import Kind

INFLUENCE = Kind(
    name="influence",
    about="what the account came to in the time from the row's moment on, on the scoring scale",
    measures=("period_spearman", "period_ndcg", "period_first_ten", "spearman", "mae"),
    primary="period_spearman",
    brief=("period_spearman", "mae"),
    # The account's own past: a score that does not beat it says nothing new.
    reference="recent_median",
    reference_in_words="the account's own past",
    asks="influence",
    drawing="against",
    answered_as="regression",
    competes="period",
)
