"""Files of predictions: any format, any order, and every mistake is named with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from predicted import guesses, prepared_world, question, written
from table_sets import rows, table_card
from worlds import World

from benchmark.data.prepare import prepare
from benchmark.errors import DataError, SmpbenchError
from benchmark.outside.handout import Question
from benchmark.outside.predictions import predictions_of_array, read_predictions
from benchmark.scale import LARGEST_AS_GIVEN, LARGEST_LOG


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A prepared data set, to be read only."""
    return prepared_world(tmp_path_factory.mktemp("trial"))


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "jsonl"])
def test_every_format_gives_the_same_predictions(trial: World, suffix: str, tmp_path: Path) -> None:
    asked = question(trial, "three")
    frame = guesses(asked)
    read = read_predictions(written(frame, tmp_path / f"p.{suffix}"), asked)
    expected = frame.iloc[::-1][list(asked.task.targets)].to_numpy(np.float32)
    np.testing.assert_array_equal(read.points, expected)
    assert read.points.dtype == np.float32


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(trial: World, tmp_path: Path) -> None:
    asked = question(trial)
    text = guesses(asked).to_csv(index=False, lineterminator="\r\n")
    path = tmp_path / "from_a_spreadsheet.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_predictions(path, asked).points.shape == (len(asked.test_ids), 1)


def test_ids_that_are_numbers_match_in_any_spelling(tmp_path: Path) -> None:
    """A tweet's id has 19 digits: through a double it would become its neighbour's."""
    first = 1_890_000_000_000_000_001
    (tmp_path / "raw").mkdir()
    posts = pd.DataFrame([row | {"post_id": first + i} for i, row in enumerate(rows())])
    posts.to_csv(tmp_path / "raw" / "posts.csv", index=False)
    card = table_card(tmp_path)
    prepare(card, tmp_path / "home", ())
    asked = Question.of(card, tmp_path / "home", None, "frozen")
    ids = [int(post) for post in asked.test_ids]
    for frame in (
        pd.DataFrame({"post_id": ids, "likes": 1.0}),
        pd.DataFrame({"post_id": [str(post) for post in ids], "likes": 1.0}),
    ):
        for suffix in ("csv", "parquet", "jsonl"):
            assert len(read_predictions(written(frame, tmp_path / f"p.{suffix}"), asked).points) == len(ids)


Change = Callable[[pd.DataFrame], pd.DataFrame]
WRONG: dict[str, tuple[Change, str]] = {
    "a post is missing": (
        lambda frame: frame.iloc[1:],
        "1 of {n} test posts of trial/one frozen have no prediction, first '{first}'. "
        "`smpbench posts -d {card} -t one -p frozen` writes the test posts",
    ),
    "a post is there twice": (
        lambda frame: pd.concat([frame, frame.iloc[[0]]]),
        "row {end}, column 'post_id', value '{first}': the post is predicted twice, first in row 2",
    ),
    "a post that nobody knows": (
        lambda frame: frame.assign(post_id=["nobody's", *frame["post_id"].iloc[1:]]),
        "row 2, column 'post_id', value \"nobody's\": no post of trial/one frozen has this id; ids look",
    ),
    "a training post": (
        lambda frame: pd.concat([frame, frame.iloc[[0]].assign(post_id="p00000")]),
        "row {end}, column 'post_id', value 'p00000': a training post of trial/one frozen. Leave all but",
    ),
    "no id": (
        lambda frame: frame.assign(post_id=["", *frame["post_id"].iloc[1:]]),
        "row 2, column 'post_id', value '': an id is missing",
    ),
    "an empty prediction": (
        lambda frame: frame.assign(likes=[None, *frame["likes"].iloc[1:]]),
        "row 2, column 'likes', value '': no prediction is given",
    ),
    "NaN": (
        lambda frame: frame.assign(likes=["nan", *frame["likes"].iloc[1:]]),
        "row 2, column 'likes', value 'nan': not a finite number",
    ),
    "infinity": (
        lambda frame: frame.assign(likes=["-inf", *frame["likes"].iloc[1:]]),
        "row 2, column 'likes', value '-inf': not a finite number",
    ),
    "a logarithm far below that of no like at all": (
        lambda frame: frame.assign(likes=[-41, *frame["likes"].iloc[1:]]),
        "row 2, column 'likes', value '-41.0': a prediction of log(1 + count) below -40, where no label lies "
        "below 0. Set it to 0",
    ),
    "infinity in single precision": (
        lambda frame: frame.assign(likes=[-1e39, *frame["likes"].iloc[1:]]),
        "row 2, column 'likes', value '-1e+39': a prediction of log(1 + count) below -40",
    ),
    "a word": (
        lambda frame: frame.assign(likes=["many", *frame["likes"].iloc[1:]]),
        "row 2, column 'likes', value 'many': not a finite number",
    ),
    "a column of another name": (
        lambda frame: frame.rename(columns={"likes": "like"}),
        "column 'likes': no such column; did you mean 'like'? The file needs post_id, likes",
    ),
    "counts": (
        lambda frame: frame.assign(likes=[15_000.0, *frame["likes"].iloc[1:]]),
        "row 2, column 'likes', value '15000.0': too large for log(1 + count), the scale that is scored. "
        "If these are counts, say --scale count",
    ),
    "a quantile of nothing": (
        lambda frame: frame.assign(**{"liks@0.5": 1.0}),
        "column 'liks@0.5': a quantile of no target; did you mean 'likes'?",
    ),
    "a level that is none": (
        lambda frame: frame.assign(**{"likes@50": 1.0}),
        "column 'likes@50', value '50': a quantile's level lies between 0 and 1",
    ),
    "no median": (
        lambda frame: frame.assign(**{"likes@0.1": 1.0, "likes@0.9": 3.0}),
        "quantiles are two levels or more, 0.5 among them; given: 0.1, 0.9",
    ),
    "a level twice": (
        lambda frame: frame.assign(**{"likes@0.5": 1.0, "likes@0.50": 1.0}),
        "column 'likes@0.50': level 0.5 is there twice",
    ),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_in_the_file_is_named_with_its_place(trial: World, mistake: str, tmp_path: Path) -> None:
    change, told = WRONG[mistake]
    asked = question(trial)
    path = written(change(guesses(asked)), tmp_path / "predictions.csv")
    with pytest.raises(DataError) as error:
        read_predictions(path, asked)
    n, first = len(asked.test_ids), asked.test_ids[-1]
    assert str(error.value).startswith(str(path))
    assert told.format(n=n, first=first, end=n + 2, card=trial.card.folder / "card.toml") in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("p.csv", "", "the file is empty"),
        ("p.csv", "post_id,likes\np1,1,2\n", "row 2: 3 fields where the header has 2"),
        ("p.csv", "post_id,likes,likes\np1,1,2\n", "two columns have the same name: likes"),
        ("p.parquet", "no Parquet", "cannot be read as Parquet"),
        ("p.jsonl", '{"post_id": "p1", "likes"', "cut off or not JSON"),
        ("p.xlsx", "PK", "predictions end in .csv, .tsv, .parquet, .jsonl or .ndjson"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    trial: World, name: str, content: str, told: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(DataError) as error:
        read_predictions(path, question(trial))
    assert str(path) in str(error.value) and told in str(error.value)


def test_a_file_that_is_not_there_is_named(trial: World, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.csv: cannot be read: .*No such file"):
        read_predictions(tmp_path / "nowhere.csv", question(trial))


def test_counts_are_brought_to_the_scoring_scale_when_they_are_called_counts(
    trial: World, tmp_path: Path
) -> None:
    asked = question(trial)
    logs = guesses(asked)
    counts = logs.assign(likes=np.expm1(logs["likes"]))
    as_logs = read_predictions(written(logs, tmp_path / "logs.csv"), asked)
    as_counts = read_predictions(written(counts, tmp_path / "counts.csv"), asked, "count")
    np.testing.assert_allclose(as_counts.points, as_logs.points, rtol=1e-6)


def test_a_negative_count_is_refused(trial: World, tmp_path: Path) -> None:
    asked = question(trial)
    path = written(guesses(asked).assign(likes=-0.5), tmp_path / "p.csv")
    with pytest.raises(DataError, match=r"row 2, column 'likes', value '-0.5': a count is never below 0"):
        read_predictions(path, asked, "count")


def test_no_like_at_all_is_a_count_and_what_just_fits_the_scale_is_a_logarithm(
    trial: World, tmp_path: Path
) -> None:
    asked = question(trial)
    none = written(guesses(asked).assign(likes=0), tmp_path / "none.csv")
    assert (read_predictions(none, asked, "count").points == 0).all()
    largest = written(guesses(asked).assign(likes=LARGEST_LOG), tmp_path / "largest.csv")
    assert (read_predictions(largest, asked).points == LARGEST_LOG).all()


def test_no_post_has_a_count_beyond_what_the_scale_holds(trial: World, tmp_path: Path) -> None:
    asked = question(trial)
    path = written(guesses(asked).assign(likes=1e300), tmp_path / "p.csv")
    with pytest.raises(
        DataError, match=r"row 2, column 'likes', value '1e\+300': no post has so large a count$"
    ):
        read_predictions(path, asked, "count")


@pytest.mark.parametrize("sign", [1, -1])
def test_a_target_that_is_scored_as_given_has_bounds_on_both_sides(tmp_path: Path, sign: int) -> None:
    (tmp_path / "raw").mkdir()
    pd.DataFrame(rows()).to_csv(tmp_path / "raw" / "posts.csv", index=False)
    card = table_card(tmp_path, targets={"likes": {"unit": "log2(likes + 1)"}})
    prepare(card, tmp_path / "home", ())
    asked = Question.of(card, tmp_path / "home", None, "frozen")
    edge = written(guesses(asked).assign(likes=sign * LARGEST_AS_GIVEN), tmp_path / "edge.csv")
    assert len(read_predictions(edge, asked).points)
    beyond = np.full(len(asked.test_ids), sign * 2 * LARGEST_AS_GIVEN)
    told = r"that is not from -1e\+12 to 1e\+12"
    with pytest.raises(DataError, match=told):
        read_predictions(written(guesses(asked).assign(likes=beyond), tmp_path / "p.csv"), asked)
    with pytest.raises(DataError, match=told):
        predictions_of_array(beyond, asked)


def test_an_array_of_logarithms_has_bounds_on_both_sides(trial: World) -> None:
    asked = question(trial)
    values = np.ones(len(asked.test_ids))
    for wrong, told in ((41, "take np.log1p of them"), (-41, "Set it to 0")):
        with pytest.raises(DataError, match=f"that of post '{asked.test_ids[3]}'.*{told}"):
            predictions_of_array(np.r_[values[:3], wrong, values[4:]], asked)


def quantiles_of(asked: Question, low: object, middle: object, high: object) -> pd.DataFrame:
    told = {"likes@0.1": low, "likes@0.5": middle, "likes@0.9": high}
    return guesses(asked).assign(likes=2.0, **told)


def test_quantiles_of_a_post_do_not_cross(trial: World, tmp_path: Path) -> None:
    asked = question(trial)
    n = len(asked.test_ids)
    equal = written(quantiles_of(asked, 2.0, 2.0, 2.0), tmp_path / "equal.csv")
    assert len(read_predictions(equal, asked).quantiles) == 3, "a model may be sure"
    high = np.r_[np.full(n - 1, 3.0), 1.5]
    path = written(quantiles_of(asked, 1.0, 2.0, high), tmp_path / "p.csv")
    with pytest.raises(DataError) as refused:
        read_predictions(path, asked)
    told = f"row {n + 1}, column 'likes@0.9', value '1.5': the quantile of level 0.9 lies below that of level"
    assert told in str(refused.value)


def test_a_prediction_beside_quantiles_is_their_median(trial: World, tmp_path: Path) -> None:
    asked = question(trial)
    n = len(asked.test_ids)
    rounded = written(quantiles_of(asked, 1.0, 2.00001, 3.0), tmp_path / "rounded.csv")
    assert (read_predictions(rounded, asked).points == 2).all(), (
        "digits that were not written are no other number"
    )
    path = written(quantiles_of(asked, 1.0, np.r_[2.5, np.full(n - 1, 2.0)], 3.0), tmp_path / "p.csv")
    with pytest.raises(
        DataError, match=r"row 2, column 'likes', value '2.0': the prediction is not the quantile"
    ):
        read_predictions(path, asked)


@pytest.mark.parametrize("level", ["0", "1", "-0.5", "high", "nan"])
def test_a_level_that_is_no_probability_is_refused(trial: World, level: str, tmp_path: Path) -> None:
    asked = question(trial)
    columns = {f"likes@{one}": 1.0 for one in (level, "0.5")}
    path = written(guesses(asked).assign(**columns), tmp_path / "p.csv")
    with pytest.raises(DataError, match=rf"column 'likes@{level}', value '{level}': a quantile's level lies"):
        read_predictions(path, asked)


def test_columns_are_known_by_their_names_and_not_by_their_order(trial: World, tmp_path: Path) -> None:
    asked = question(trial, "three")
    frame = guesses(asked)
    for j, target in enumerate(asked.task.targets):
        for level in (0.9, 0.5, 0.1):
            frame[f"{target}@{level}"] = 10 * j + level
        frame[target] = 10 * j + 0.5
    turned = written(frame[[*frame.columns[::-1]]], tmp_path / "turned.csv")
    found = read_predictions(turned, asked)
    assert found.points[0].tolist() == [0.5, 10.5, 20.5]
    assert list(found.quantiles) == [0.1, 0.5, 0.9]
    for level, values in found.quantiles.items():
        assert values[0].tolist() == pytest.approx([level, 10 + level, 20 + level])


def test_a_target_that_is_no_count_takes_no_counts(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    pd.DataFrame(rows()).to_csv(tmp_path / "raw" / "posts.csv", index=False)
    card = table_card(tmp_path, targets={"likes": {"unit": "log2(likes + 1)"}})
    prepare(card, tmp_path / "home", ())
    asked = Question.of(card, tmp_path / "home", None, "frozen")
    path = written(guesses(asked), tmp_path / "p.csv")
    with pytest.raises(SmpbenchError, match=r"'likes' is scored as the data give it \(log2\(likes \+ 1\)\)"):
        read_predictions(path, asked, "count")
    assert read_predictions(path, asked).points.max() > 2


def test_every_target_needs_every_level(trial: World, tmp_path: Path) -> None:
    asked = question(trial, "three")
    levels = {f"{name}@{level}": 1.0 for level in (0.1, 0.5) for name in asked.task.targets}
    frame = guesses(asked).assign(**dict.fromkeys(asked.task.targets, 1.0), **levels)
    assert sorted(read_predictions(written(frame, tmp_path / "p.csv"), asked).quantiles) == [0.1, 0.5]
    with pytest.raises(DataError, match=r"column 'shares@0.1': level 0.1 is not given for every target"):
        read_predictions(written(frame.drop(columns="shares@0.1"), tmp_path / "p.csv"), asked)
