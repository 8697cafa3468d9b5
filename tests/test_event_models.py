"""Baselines that learn events by their log loss: probabilities, of what they may know."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from worlds import BASELINES, World

from baselines.parts.errors import LOG_LOSS
from benchmark.contract.trial import VIRAL
from benchmark.run.truth import read_truth, truth_folder_of

BRIEF = "epochs=10"
NATIVE = [
    "lightgbm:rounds=60",
    "catboost:rounds=60",
    "ridge",
    f"mlp:{BRIEF}",
    f"clip_adapter:{BRIEF}",
    f"category_embedding:{BRIEF}",
    f"lstm:{BRIEF}",
    f"transformer:{BRIEF}",
    "ensemble:members=recent_level+recent_rate+ridge+mlp,steps=10",
]


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded")
@pytest.mark.parametrize("spec", NATIVE)
@pytest.mark.parametrize("kind", [VIRAL, "event"])
def test_a_model_of_events_says_a_probability_that_tells_them_apart(
    tmp_path: Path, spec: str, kind: str
) -> None:
    """With counts behind the events, and without."""
    name, _, settings = spec.partition(":")
    world = World.make(tmp_path, posts=400, kind=kind).with_only("one", "rolling")
    summary = world.run(BASELINES / f"{name}.py", specs=[settings])
    assert summary.problems == []
    (stored,) = [one for one in world.results().values() if "excess" not in one.about.variant]
    target = stored.about.targets[0]
    y = read_truth(truth_folder_of(stored))[f"label_{target}"].to_numpy()
    points = stored.predictions()[target].to_numpy()
    assert ((points > 0) & (points < 1)).all()
    assert roc_auc_score(y, points) > 0.7
    assert LOG_LOSS(points, y) < LOG_LOSS(np.full(len(y), y.mean(), np.float32), y)
