"""A scikit-learn regressor or pipeline is a baseline without a class, as an object and as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from doors import asked, made_up
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from typer.testing import CliRunner

import smpbench as smp
from benchmark.errors import BaselineError, UnknownName
from benchmark.finding.discovery import load
from smpbench.cli.main import app


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, preloaded: None) -> Path:
    folder = tmp_path_factory.mktemp("estimators")
    made_up(folder)
    return folder


def linear() -> Any:
    """Takes everything that `tabular` and `history` hold."""
    numbers = SimpleImputer(strategy="median", keep_empty_features=True)
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include="category")),
        (numbers, make_column_selector(dtype_include="number")),
    )
    return make_pipeline(columns, Ridge(alpha=30.0))


class Asked(RegressorMixin, BaseEstimator):
    """Predicts what a test wants to know of the DataFrame that it is handed."""

    def __init__(self, question: str = "columns") -> None:
        self.question = question

    def fit(self, frame: pd.DataFrame, y: np.ndarray) -> Asked:
        assert isinstance(frame, pd.DataFrame) and frame.columns.is_unique
        assert frame.notna().any().all(), "a column without a value is left out"
        self.outputs_ = y.shape[1:]
        self.mean_ = float(np.mean(y))
        return self

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        answers = {
            "columns": frame.shape[1],
            "text": sum(name.startswith("text_") and name[5:].isdigit() for name in frame.columns),
            "history": sum(name.startswith("history_") for name in frame.columns),
            "categories": len(frame.select_dtypes("category").columns),
            "float32": len(frame.select_dtypes("float32").columns),
            "outputs": len(self.outputs_),
            "mean": self.mean_,
            "zero": 0,
        }
        return np.full(len(frame), answers[self.question], np.float64)


def answer(question: str, task: smp.Task, **told: Any) -> float:
    row = smp.evaluate(Asked(question), task, name=f"asked_{question}", quiet=True, **told)
    values = row.predictions[task.targets[0]].unique()
    assert len(values) == 1
    return float(values[0])


@pytest.mark.slow
def test_a_pipeline_becomes_a_row(folder: Path) -> None:
    task = asked(folder)
    row = smp.evaluate(linear(), task, inputs=["tabular", "history"], quiet=True)
    assert row.name == "sklearn_pipeline:inputs=tabular+history"
    block = next(task.blocks())
    train, test = (
        pd.concat([posts.tabular(), posts.history().frame()], axis=1).drop(columns="never_given")
        for posts in (block.train, block.test)
    )
    by_hand = linear().fit(train, block.y[:, 0]).predict(test)
    assert np.allclose(row.predictions["likes"], by_hand, atol=1e-4)


@pytest.mark.slow
def test_it_is_handed_one_frame_with_named_columns(folder: Path) -> None:
    task = asked(folder)
    assert answer("categories", task) == 4
    assert answer("history", task) == 0
    assert answer("history", task, inputs=["history"]) == answer("columns", task, inputs=["history"]) > 8
    both = answer("columns", task, inputs=["tabular", "history"])
    assert both == answer("columns", task) + answer("columns", task, inputs="history")


@pytest.mark.slow
@pytest.mark.usefixtures("made_up_encoders")
def test_embeddings_are_columns(folder: Path) -> None:
    task = asked(folder, "one", "rolling")
    assert answer("text", task, inputs=["tabular", "text"]) == 6
    assert answer("columns", task, inputs=["text"]) == 6


@pytest.mark.slow
def test_it_predicts_y_itself_unless_it_is_told_to_predict_around_the_level(folder: Path) -> None:
    task = asked(folder)
    assert answer("zero", task) == 0
    around = smp.evaluate(Asked("zero"), task, name="asked_zero", around="level", quiet=True)
    assert around.name == "asked_zero:around=level"
    reference = smp.evaluate("recent_median", task, quiet=True)
    known = ~reference.predictions["likes"].duplicated(keep=False)
    assert np.allclose(around.predictions["likes"][known], reference.predictions["likes"][known])


@pytest.mark.slow
def test_one_that_predicts_one_output_is_fitted_for_each_target(folder: Path) -> None:
    task = asked(folder, "three")
    row = smp.evaluate(Asked("outputs"), task, quiet=True)
    assert (row.predictions[list(task.targets)] == 0).all(axis=None), "y is [n], a target at a time"
    means = smp.evaluate(Asked("mean"), task, name="asked_mean", quiet=True).predictions
    assert means[list(task.targets)].nunique().tolist() == [1, 1, 1]
    assert len({means[target].iloc[0] for target in task.targets}) == 3


@pytest.mark.slow
def test_one_that_predicts_several_outputs_is_fitted_once(folder: Path) -> None:
    task = asked(folder, "three")
    forest = RandomForestRegressor(20, min_samples_leaf=5)
    first = smp.evaluate(make_pipeline(_numbers(), forest), task, name="forest", quiet=True)
    assert np.isfinite(first.predictions[list(task.targets)]).all(axis=None)
    boosted = smp.evaluate(HistGradientBoostingRegressor(max_iter=20), task, quiet=True)
    assert boosted.name == "sklearn_hist_gradient_boosting_regressor", (
        "it takes NaN and categories as they are"
    )


def _numbers() -> Any:
    imputed = SimpleImputer(keep_empty_features=True)
    return make_column_transformer((imputed, make_column_selector(dtype_include="number")))


@pytest.mark.slow
def test_one_that_cannot_take_missing_values_is_told_of_an_imputer(folder: Path) -> None:
    with pytest.raises(BaselineError) as error:
        smp.evaluate(Ridge(), asked(folder), inputs=["history"], quiet=True)
    assert "Ridge cannot take missing values (history_recency, history_staleness, " in str(error.value)
    assert "Put an imputer in front of it: make_pipeline(SimpleImputer(" in str(error.value)


@pytest.mark.slow
def test_one_that_cannot_take_categories_is_told_of_an_encoder(folder: Path) -> None:
    with pytest.raises(BaselineError) as error:
        smp.evaluate(Ridge(), asked(folder), quiet=True)
    assert "Ridge cannot take categories (category, topic, app, is_reply are)" in str(error.value)
    assert "OneHotEncoder" in str(error.value)


@pytest.mark.slow
def test_inputs_that_there_are_not_are_answered_with_the_nearest(folder: Path) -> None:
    with pytest.raises(UnknownName, match="unknown input 'tabullar'; did you mean 'tabular'"):
        smp.evaluate(linear(), asked(folder), inputs=["tabullar"])
    with pytest.raises(UnknownName, match="unknown value of around 'levle'; did you mean 'level'"):
        smp.evaluate(linear(), asked(folder), around="levle")
    with pytest.raises(BaselineError, match="an estimator is fitted on something"):
        smp.evaluate(linear(), asked(folder), inputs=[])
    with pytest.raises(BaselineError, match=r"are told of objects. Write settings behind the name"):
        smp.evaluate("ridge", asked(folder), inputs=["tabular"])


@pytest.mark.slow
def test_what_it_is_fitted_with_is_another_row(folder: Path) -> None:
    task = asked(folder)
    before = smp.evaluate(linear(), task, quiet=True)
    after = smp.evaluate(linear().set_params(ridge__alpha=3000.0), task, quiet=True)
    assert not np.allclose(before.predictions["likes"], after.predictions["likes"])


PIPELINE = """
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

_numbers = (SimpleImputer(keep_empty_features=True), make_column_selector(dtype_include="number"))
model = make_pipeline(make_column_transformer(_numbers), Ridge(alpha=30.0))
inputs = ["tabular", "history"]
"""


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    path = tmp_path / "my_pipeline.py"
    path.write_text(PIPELINE)
    return path


@pytest.mark.slow
def test_a_file_with_one_estimator_is_a_baseline(folder: Path, pipeline: Path) -> None:
    row = smp.evaluate(pipeline, asked(folder), quiet=True)
    assert row.name == "my_pipeline"
    narrower = smp.evaluate(f"{pipeline}:inputs=history,around=level", asked(folder), quiet=True)
    assert narrower.name == "my_pipeline:inputs=history,around=level"
    assert not np.allclose(row.predictions["likes"], narrower.predictions["likes"])


@pytest.mark.slow
def test_such_a_file_runs_and_is_checked_on_the_command_line(folder: Path, pipeline: Path) -> None:
    card, home = str(folder / "card.toml"), str(folder / "other")
    done = CliRunner().invoke(app, ["run", "-d", card, "-b", str(pipeline), "-p", "frozen", "--home", home])
    assert done.exit_code == 0, done.output
    board = pd.read_csv(folder / "other" / "leaderboard" / "leaderboard.csv")
    assert "my_pipeline" in set(board["baseline"])
    checked = CliRunner().invoke(app, ["check", str(pipeline)])
    assert checked.exit_code == 0, checked.output


@pytest.mark.slow
def test_a_file_with_two_estimators_or_none_is_unavailable(pipeline: Path) -> None:
    pipeline.write_text(PIPELINE + "second = Ridge()\n")
    found = load(pipeline)
    assert found.described is None and "holds one scikit-learn estimator; found: model, second" in str(
        found.unavailable
    )
    pipeline.write_text("from sklearn.linear_model import Ridge\n")
    assert "a file holds one public subclass of Baseline; found: none" in str(load(pipeline).unavailable)


@pytest.mark.slow
def test_a_class_in_the_file_comes_before_an_estimator(pipeline: Path) -> None:
    pipeline.write_text(PIPELINE + "from benchmark import Baseline\nclass Mine(Baseline):\n    ...\n")
    found = load(pipeline)
    assert found.told.name == "Mine"
