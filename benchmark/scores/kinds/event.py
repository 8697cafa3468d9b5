"""Event: whether something happened to a post. A prediction is its probability."""

from __future__ import annotations

from benchmark.scores.kinds.kind import Kind

EVENT = Kind(
    name="event",
    about="1 where it happened to the post, 0 where it did not",
    measures=(
        "average_precision",
        "auc",
        "precision_at_tenth",
        "recall_at_tenth",
        "brier",
        "log_loss",
        "calibration_error",
        # Where the label rests on a count, which says how much the post came to.
        "week_spearman",
        "week_ndcg",
        "week_best",
    ),
    primary="average_precision",
    brief=("average_precision", "auc"),
    reference="recent_rate",
    reference_in_words="the account's recent rate of such posts",
    asks="virality",
    drawing="reliability",
    predicts="probabilities",
    labels=(0.0, 1.0),
    lowest=0.0,
    highest=1.0,
)
