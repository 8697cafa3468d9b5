"""What a mistake is worth, as a study of mistakes tells it."""

from __future__ import annotations

from typing import Any

ABOUT = {
    "dataset": "posts",
    "task": "likes",
    "protocol": "frozen",
    "baseline": "ridge",
    "variant": "default",
    "seed": 0,
}


def priced(mistake: str, inflation: float = 0.3, **changed: Any) -> dict[str, Any]:
    """A line as a study tells it."""
    score = {"honest": 0.4, "wrong": 0.4 + inflation, "inflation": inflation}
    ends = {"low": inflation - 0.1, "high": inflation + 0.1}
    counts = {"paired": True, "n_wrong": 50, "n_honest": 50, "clusters": 40}
    names = {
        "mistake": mistake,
        "title": mistake.replace("_", " "),
        "status": "ok",
        "why": "",
        "told": "inflates",
    }
    told = {
        "target": "likes",
        "measure": "spearman",
        "against": "the honest run",
        "note": "",
        "layer": "split",
    }
    return ABOUT | names | told | counts | score | ends | changed
