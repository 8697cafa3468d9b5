"""External rows: predictions from anywhere lead to a row that is marked, scored and verified."""

from __future__ import annotations

from pathlib import Path

import pytest
from predicted import board, guesses, prepared_world, question, smpbench, written
from worlds import World

from benchmark.errors import DataError, SmpbenchError
from benchmark.outside.external import VARIANT, score_external
from benchmark.run.store import Store
from leaderboard.tables.rows import read_rows
from leaderboard.tables.scores import EXTERNAL

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A prepared data set, to be read only."""
    return prepared_world(tmp_path_factory.mktemp("trial"))


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A prepared data set of the test's own."""
    return prepared_world(tmp_path)


def test_a_file_of_predictions_leads_to_a_marked_row_that_verify_accepts(world: World) -> None:
    path = written(guesses(question(world)), world.home / "predictions.csv")
    done = smpbench(world, "score", path, "--name", "my_model", "-t", "one")
    assert done.exit_code == 0, done.output
    assert "trial/one frozen my_model [external] seed 0: spearman" in done.output
    row = board(world).set_index("measure").loc["mae"]
    assert (row["baseline"], row["variant"], row["status"], row["rank"]) == ("my_model", "external", "ok", 1)
    assert row[["fit_seconds", "predict_ms_per_post", "peak_mb"]].isna().all(), "nobody knows its costs"
    page = (world.home / "leaderboard" / "LEADERBOARD.md").read_text()
    assert "| `my_model` *external* |" in page
    checked = smpbench(world, "verify")
    assert checked.exit_code == 0, checked.output
    assert "1 results re-derived, 0 differences" in checked.output


def test_scores_follow_from_the_labels_and_the_file_in_whatever_order(world: World) -> None:
    asked = question(world)
    labels = dict(zip(asked.test_ids, asked.posts.labels[asked.windows.test, 0].tolist(), strict=True))
    frame = guesses(asked)
    off_by_a_quarter = frame.assign(likes=[labels[post] + 0.25 for post in frame["post_id"]])
    path = written(off_by_a_quarter, world.home / "predictions.csv")
    ((_, result),) = score_external({0: path}, asked, Store(world.home / "runs"), name="my_model")
    scores = {one.measure: one.value for one in result.run.scores}
    assert scores["mae"] == pytest.approx(0.25, abs=1e-6)
    assert scores["spearman"] == pytest.approx(1)


def test_the_mark_of_the_store_is_the_mark_of_the_board() -> None:
    assert VARIANT == EXTERNAL


def test_nothing_is_stored_of_a_row_of_which_one_file_is_wrong(world: World) -> None:
    asked = question(world)
    sound = written(guesses(asked), world.home / "a.csv")
    wrong = written(guesses(asked).iloc[1:], world.home / "b.csv")
    with pytest.raises(DataError):
        score_external({0: sound, 1: wrong}, asked, Store(world.home / "runs"), name="my_model")
    assert not (world.home / "runs").exists()


@pytest.mark.parametrize(
    "name",
    [
        *("../climbs", "/tmp/x", "a/b", "My_Model", "my-model", "", ".", "1st", "a" * 65, "a\n"),
        *("-rf", "--home", "=cmd|a", "a\x1b[31m", "a\0", "a\ud800", "r\u0456dge", "<b>", "a|b", "_a"),
    ],
    ids=ascii,
)
def test_a_name_that_is_none_is_refused(trial: World, name: str, tmp_path: Path) -> None:
    with pytest.raises(SmpbenchError, match="is no name for a row"):
        score_external({}, question(trial), Store(tmp_path / "runs"), name=name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["recent_median", "ridge", "ceiling"])
def test_a_name_of_the_projects_own_is_refused(trial: World, name: str, tmp_path: Path) -> None:
    with pytest.raises(SmpbenchError, match=f"the project has a row '{name}' already"):
        score_external({}, question(trial), Store(tmp_path / "runs"), name=name)


def test_quantiles_are_scored_for_what_they_cover(world: World) -> None:
    asked = question(world)
    wide = {"likes@0.1": -5.0, "likes@0.5": 2.0, "likes@0.9": 30.0}
    path = written(guesses(asked).assign(likes=2.0, **wide), world.home / "p.parquet")
    assert smpbench(world, "score", path, "--name", "my_model", "-t", "one").exit_code == 0
    assert board(world).set_index("measure").loc["coverage", "score"] == 1
    assert smpbench(world, "verify").exit_code == 0


def test_a_file_a_seed_makes_one_row(world: World) -> None:
    asked = question(world)
    paths = [written(guesses(asked, constant=seed), world.home / f"{seed}.csv") for seed in (1, 2, 3)]
    arguments = ["--seed", "7", "--seed", "1", "--seed", "2"]
    done = smpbench(world, "score", *paths, "--name", "my_model", "-t", "one", *arguments)
    assert done.exit_code == 0, done.output
    row = board(world).set_index("measure").loc["mae"]
    assert row["seeds"] == 3 and row["score_std"] > 0
    assert {stored.run.seed for stored in world.results().values()} == {1, 2, 7}


def test_a_later_submission_of_a_row_takes_the_place_of_the_earlier(world: World) -> None:
    asked = question(world)
    good = written(guesses(asked), world.home / "good.csv")
    poor = written(guesses(asked, constant=30), world.home / "poor.csv")
    found = []
    for path in (good, poor, good):
        assert smpbench(world, "score", path, "--name", "my_model", "-t", "one").exit_code == 0
        (row,) = board(world).query("measure == 'mae'")["score"]
        found.append(row)
    assert found[0] == found[2] < found[1]


def test_a_later_submission_keeps_no_seed_of_the_earlier(world: World) -> None:
    asked = question(world)
    paths = [written(guesses(asked, constant=seed), world.home / f"{seed}.csv") for seed in (1, 2)]
    for given, seeds in ((paths, {0, 1}), (paths[:1], {0}), ([*paths[:1], "--seed", "5"], {5})):
        smpbench(world, "score", *given, "--name", "my_model", "-t", "one")
        (row,) = read_rows(world.home / "runs")
        assert {stored.run.seed for stored in row.seeds} == seeds


def test_a_row_is_another_when_any_of_its_seeds_predicts_otherwise_or_a_quantile_does(world: World) -> None:
    """The hash of all its predictions stands where a baseline has the hash of its code."""
    asked = question(world)

    def code(*changes: tuple[int, str]) -> str:
        files = {}
        for seed in (0, 1):
            frame = guesses(asked).assign(**{"likes": 2.0, "likes@0.1": 1.0, "likes@0.5": 2.0})
            for changed, column in changes:
                if changed == seed:  # of a median, the prediction too
                    frame.loc[3, [column, "likes"] if column == "likes@0.5" else [column]] += 0.5
            files[seed] = written(frame, world.home / f"{seed}.csv")
        found = score_external(files, asked, Store(world.home / "runs"), name="my_model")
        (one,) = {result.about.code_hash for _, result in found}
        return str(one)

    changes: list[list[tuple[int, str]]] = [[], [(0, "likes@0.5")], [(1, "likes@0.5")], [(0, "likes@0.1")]]
    assert len({code(*one) for one in changes}) == len(changes)
    assert code() == code(), "and the same when nothing has changed"


@pytest.mark.parametrize("seed", [-1, 2**32, 10**30])
def test_a_number_that_no_generator_takes_is_no_seed(trial: World, seed: int, tmp_path: Path) -> None:
    path = written(guesses(question(trial)), tmp_path / "p.csv")
    with pytest.raises(SmpbenchError, match="is no seed: a whole number from 0 to 4294967295"):
        score_external({seed: path}, question(trial), Store(tmp_path / "runs"), name="my_model")


@pytest.mark.parametrize("summary", ["x" * 501, "\x1b[2J", "a\ud800", "a\u202eb"])
def test_a_summary_is_one_line_that_can_be_printed(trial: World, summary: str, tmp_path: Path) -> None:
    path = written(guesses(question(trial)), tmp_path / "p.csv")
    with pytest.raises(SmpbenchError, match="is no summary: it is one line of at most 500"):
        score_external({0: path}, question(trial), Store(tmp_path / "runs"), name="my_model", summary=summary)


@pytest.mark.parametrize("seeds", [["0"], ["1", "1"], ["0", "1", "2"]])
def test_every_file_needs_a_seed_of_its_own(trial: World, seeds: list[str], tmp_path: Path) -> None:
    path = written(guesses(question(trial)), tmp_path / "p.csv")
    given = [part for seed in seeds for part in ("--seed", seed)]
    done = smpbench(trial, "score", path, path, "--name", "my_model", "-t", "one", *given)
    assert "every file has a seed of its own" in str(done.exception)


def test_a_model_that_saw_crawl_time_columns_is_ranked_among_its_like(world: World) -> None:
    asked = question(world)
    path = written(guesses(asked), world.home / "p.csv")
    worse = written(guesses(asked, constant=3), world.home / "worse.csv")
    smpbench(world, "score", worse, "--name", "blind", "-t", "one")
    smpbench(world, "score", path, "--name", "knowing", "-t", "one", "--with-crawl")
    ranks = board(world).query("measure == 'mae'").set_index(["baseline", "crawl"])["rank"].to_dict()
    assert ranks == {("blind", False): 1, ("knowing", True): 1}


def test_the_result_says_where_it_comes_from(world: World) -> None:
    asked = question(world)
    path = written(guesses(asked).assign(user_id="ann"), world.home / "p.csv")
    done = smpbench(world, "score", path, "--name", "my_model", "-t", "one", "--summary", "A forest\nin R")
    assert "left aside: user_id" in done.output
    (stored,) = world.results().values()
    told, run = stored.about, stored.run
    assert (told.summary, told.family, told.variant) == ("A forest in R", "external", "external")
    assert run.external is not None
    assert (run.external.file, run.external.scale) == ("p.csv", "log")
    assert run.external.left_aside == ("user_id",)
    assert len(told.code_hash) == 64 and run.fit_seconds is None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "trial has several tasks: three, one. Name one (-t)"),
        (["-t", "on"], "unknown task of trial 'on'; did you mean 'one'"),
        (["-t", "one", "-p", "official"], "unknown protocol of trial/one 'official'; known: frozen, rolling"),
        (["-t", "one", "-p", "frozn"], "unknown protocol 'frozn'; did you mean 'frozen'"),
        (["-t", "one", "--scale", "counts"], "unknown scale 'counts'; did you mean 'count'"),
    ],
)
def test_what_is_not_asked_clearly_is_answered_with_what_there_is(
    trial: World, arguments: list[str], told: str, tmp_path: Path
) -> None:
    path = written(guesses(question(trial)), tmp_path / "p.csv")
    done = smpbench(trial, "score", path, "--name", "my_model", *arguments)
    assert isinstance(done.exception, SmpbenchError)
    assert told in str(done.exception)
