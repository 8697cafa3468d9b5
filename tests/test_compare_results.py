"""`smpbench compare` of results and baselines: paired where predictions and labels are at hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from comparisons import of, only, smpbench
from stored import CLUSTERS, NOISE, POSTS, published, put, put_predictions
from worlds import BASELINES, World, write_baseline

from benchmark.contract.trial import VIRAL
from benchmark.errors import SmpbenchError, UnknownName
from benchmark.scores.bootstrap import interval
from leaderboard.board.write import write_board
from leaderboard.compare.comparison import compare
from leaderboard.compare.format import formatted

pytestmark = pytest.mark.slow

# Results with predictions


@pytest.fixture
def stores(tmp_path: Path) -> tuple[Path, Path]:
    """Two run stores: a row a little worse in the second, in every resample alike."""
    for name, mae in (("before", 1.0), ("after", 1.01)):
        put(tmp_path / name, "recent_median", 2.0)
        put(tmp_path / name, "model", mae)
    return tmp_path / "before", tmp_path / "after"


def test_of_two_run_stores_the_interval_is_that_of_the_paired_differences(stores: tuple[Path, Path]) -> None:
    """What a resample does to both rows cancels: a hundredth is told that the boards alone cannot tell."""
    before, after = stores
    line = of(compare(str(before), str(after), home=before), "model")
    assert (line["paired"], line["verdict"]) == (True, "worse")
    assert (line["low"], line["high"]) == pytest.approx((0.01, 0.01))
    for runs in stores:
        write_board(runs, runs / "board", runs / "nothing")
    boards = (str(runs / "board" / "leaderboard.csv") for runs in stores)
    line = of(compare(*boards, home=before), "model")
    assert (line["paired"], line["verdict"]) == (False, "cannot tell")


def test_rows_that_are_the_same_in_every_resample_are_called_so(stores: tuple[Path, Path]) -> None:
    before, after = stores
    assert of(compare(str(before), str(after), home=before), "recent_median")["verdict"] == "same"


def test_where_intervals_are_too_narrow_the_comparison_says_so_once_a_table(tmp_path: Path) -> None:
    for name, mae in (("before", 1.0), ("after", 1.2)):
        put(tmp_path / name, "recent_median", 2.0, clusters=9, effective=9.0, weeks=9.0)
        put(tmp_path / name, "model", mae, clusters=9, effective=9.0, weeks=9.0)
        put(tmp_path / name, "other", mae, clusters=9, effective=9.0, weeks=9.0)
    found = compare(str(tmp_path / "before"), str(tmp_path / "after"), home=tmp_path)
    (told,) = found.narrow
    assert told.startswith("posts likes frozen: Intervals are too narrow: the test posts span 9 weeks.")
    assert told in formatted(found, "table")


def test_it_says_how_many_lines_are_of_rows_that_were_trained_once(tmp_path: Path) -> None:
    for name, mae in (("before", 1.0), ("after", 1.2)):
        put(tmp_path / name, "recent_median", 2 * mae, family="naive")  # which learns nothing
        put(tmp_path / name, "once", mae)
        for seed in range(3):
            put(tmp_path / name, "thrice", mae, seed=seed)
    found = compare(str(tmp_path / "before"), str(tmp_path / "after"), home=tmp_path)
    assert (len(found.lines), found.trained_once) == (3, 1)
    assert "1 line is of rows that were trained once: the interval holds the choice of posts" in formatted(
        found, "table"
    )


def test_a_run_store_is_compared_with_a_file_without_pairing(stores: tuple[Path, Path]) -> None:
    before, after = stores
    write_board(before, before / "board", before / "nothing")
    found = compare(str(before / "board" / "leaderboard.csv"), str(after), home=before)
    line = of(found, "model")
    assert not line["paired"]
    spread = np.ptp(interval(1.01 + NOISE, n_clusters=CLUSTERS)) / 2
    assert line["high"] - line["low"] == pytest.approx(2 * np.sqrt(2) * spread, rel=0.05)


def test_skill_is_compared_too(stores: tuple[Path, Path]) -> None:
    before, after = stores
    line = of(compare(str(before), str(after), home=before, measures=["skill"]), "model")
    assert (line["difference"], line["verdict"], line["paired"]) == (pytest.approx(-0.005), "worse", True)


def test_a_store_on_other_posts_of_the_same_data_is_not_compared(tmp_path: Path) -> None:
    """The card's cut-off has moved: fingerprint and protocol version are as before."""
    put(tmp_path / "a", "model", 1.0)
    put(tmp_path / "b", "model", 2.0, truth_key="u" * 64)
    line = only(compare(str(tmp_path / "a"), str(tmp_path / "b"), home=tmp_path))
    assert (line["verdict"], line["changed"]) == ("not compared", "test posts")


def test_of_published_results_paired_intervals_are_derived_where_labels_are(tmp_path: Path) -> None:
    for name, error in (("a", 1.0), ("b", 1.1)):
        put_predictions(tmp_path / name, "model", error)
    both = [str(published(tmp_path / name, tmp_path / f"{name}_published")) for name in ("a", "b")]
    expected = only(compare(str(tmp_path / "a"), str(tmp_path / "b"), home=tmp_path))
    (tmp_path / "home").mkdir()
    shutil.copytree(tmp_path / "a", tmp_path / "home" / "runs")
    with_labels = only(compare(*both, home=tmp_path / "home"))
    assert with_labels["paired"] and with_labels["verdict"] == "worse"
    assert [with_labels["low"], with_labels["high"]] == pytest.approx([expected["low"], expected["high"]])
    without = only(compare(*both, home=tmp_path / "nowhere"))
    assert (without["paired"], without["verdict"]) == (False, "cannot tell")
    assert without["high"] - without["low"] > 3 * (expected["high"] - expected["low"])
    itself = only(compare(both[0], str(tmp_path / "a"), home=tmp_path / "nowhere"))
    assert itself["verdict"] == "same", "derived anew, replicates differ from the stored ones in the last bit"
    mixed = only(compare(both[0], str(tmp_path / "b"), home=tmp_path / "nowhere"))
    assert mixed["paired"], "the store that is compared has the labels"


# Two baselines


@pytest.fixture
def home(tmp_path: Path) -> Path:
    put(tmp_path / "runs", "recent_median", 2.0)
    put(tmp_path / "runs", "ridge", 1.0)
    put(tmp_path / "runs", "ridge", 1.0, protocol="rolling")
    put(tmp_path / "runs", "trees", 0.9, variant="deep", profile="bundled")
    put(tmp_path / "runs", "trees", 1.2, variant="flat", profile="bundled")
    return tmp_path


def test_of_two_baselines_the_board_of_all_others_is_not_derived(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leaderboard.board.merged.leaderboard", lambda _: pytest.fail("it takes long"))
    assert only(compare("ridge", "trees:deep", home=home))["verdict"] == "better"


def test_two_baselines_are_compared_in_the_tables_that_have_both(home: Path) -> None:
    found = compare("ridge", "trees:deep", home=home)
    line = only(found)
    assert (line["a"], line["b"], line["verdict"], line["paired"]) == (1.0, 0.9, "better", True)
    assert line["baseline"] == "ridge -> trees:deep"
    assert [(one["what"], one["protocol"]) for one in found.changes.to_dict("records")] == [
        ("disappeared", "rolling")
    ]


@pytest.fixture
def others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose rows are published, as those of the project are."""
    for name, error in (("recent_median", 1.5), ("near", 1.0), ("nearer", 0.98), ("distant", 2.0)):
        put_predictions(tmp_path / "other" / "runs", name, error)
    published(tmp_path / "other" / "runs", tmp_path / "published")
    monkeypatch.setenv("SMPBENCH_PUBLISHED", str(tmp_path / "published"))
    return tmp_path / "other"


@pytest.mark.slow
@pytest.mark.parametrize("measure", ["mae", "spearman", "skill", "pinball"])
@pytest.mark.parametrize("pair", [("near", "distant"), ("distant", "near"), ("recent_median", "nearer")])
def test_published_baselines_are_paired_without_labels_by_the_numbers_that_labels_give(
    others: Path, tmp_path: Path, pair: tuple[str, str], measure: str
) -> None:
    """A fresh checkout has published results alone, and neither labels nor a run store."""
    without = only(compare(*pair, home=tmp_path / "nowhere", measures=[measure]))
    expected = only(compare(*pair, home=others, measures=[measure]))
    assert without["paired"] and expected["paired"]
    assert without["verdict"] == expected["verdict"]
    numbers = ["a", "b", "difference", "low", "high"]
    assert [without[name] for name in numbers] == pytest.approx(
        [expected[name] for name in numbers], rel=1e-9
    )


def test_a_published_baseline_and_itself_are_the_same_without_labels(others: Path, tmp_path: Path) -> None:
    put_predictions(others / "runs", "twin", 1.0, code_hash="e" * 64)
    assert only(compare("near", "near", home=tmp_path / "nowhere"))["verdict"] == "same"


def test_a_measure_that_ranks_nothing_is_not_paired_without_labels(others: Path, tmp_path: Path) -> None:
    line = only(compare("near", "distant", home=tmp_path / "nowhere", measures=["coverage"]))
    assert (line["paired"], line["n"]) == (False, POSTS)


def test_a_variant_has_to_be_named_where_there_is_no_default(home: Path) -> None:
    with pytest.raises(UnknownName, match=r"'default'; known: deep, flat\. Write trees:VARIANT"):
        compare("ridge", "trees", home=home)
    with pytest.raises(UnknownName, match="did you mean 'deep'"):
        compare("ridge", "trees:deeep", home=home)


def test_of_rows_of_several_profiles_one_has_to_be_named(home: Path) -> None:
    put(home / "runs", "trees", 0.5, variant="deep", profile="hub", code_hash="h" * 64)
    with pytest.raises(SmpbenchError, match="rows of several profiles: say --profile bundled or hub"):
        compare("ridge", "trees:deep", home=home)
    assert only(compare("ridge", "trees:deep", home=home, profile="hub"))["b"] == 0.5


def test_a_name_that_nothing_answers_to_is_answered_with_the_nearest(home: Path) -> None:
    with pytest.raises(UnknownName, match=r"'rigde'; did you mean 'ridge'.*A side is a leaderboard\.csv"):
        compare("ridge", "rigde", home=home)
    with pytest.raises(SmpbenchError, match="ridge is a baseline, which is compared with a baseline"):
        compare("ridge", str(home / "runs"), home=home)
    with pytest.raises(UnknownName, match="unknown measure 'mea'; did you mean 'mae'"):
        compare("ridge", "trees:deep", home=home, measures=["mea"])


def test_a_folder_without_results_says_what_may_be_named(tmp_path: Path) -> None:
    with pytest.raises(SmpbenchError, match=r"holds no results\. Name a run store"):
        compare(str(tmp_path), str(tmp_path), home=tmp_path)


# A baseline that has no results yet


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A home in which `global_median` was run under `frozen`."""
    world = World.make(tmp_path / "world", posts=120)
    world.with_only("one", "frozen").run(BASELINES / "global_median.py", BASELINES / "recent_median.py")
    return world


def compared(world: World, *arguments: str | Path) -> tuple[int, str]:
    done = smpbench(*arguments, "--home", world.home)
    return done.exit_code, done.output + str(done.exception or "")


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded")
def test_a_file_without_results_is_run_where_the_other_has_rows_and_then_compared_paired(
    tmp_path: Path, world: World
) -> None:
    mine = write_baseline(tmp_path, "my_model", "def fit(self, train, y):\n    self.middle = y.mean(0) + 9")
    card = world.card.folder / "card.toml"
    status, text = compared(world, "global_median", mine, "-d", card)
    assert status == 0, text
    assert "my_model has no results yet: running it on trial" in text
    assert "trial one frozen" in text and "1 worse" in text
    assert "1 intervals are paired" in text and "unpaired" not in text
    names = set(world.results())
    assert "one frozen my_model 0" in names
    assert not [name for name in names if "rolling my_model" in name], "the other has no rows there"
    created = {name: one.run.created for name, one in world.results().items()}
    status, text = compared(world, mine, "recent_median", "-d", card)
    assert "has no results yet" not in text
    assert {name: one.run.created for name, one in world.results().items()} == created, "once is enough"


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded")
def test_a_row_by_excess_is_compared_and_no_other_row_of_its_baseline(tmp_path: Path) -> None:
    world = World.make(tmp_path / "world", kind=VIRAL).with_only("three", "frozen")
    world.run(BASELINES / "recent_rate.py", BASELINES / "global_median.py", BASELINES / "ridge.py")
    for by_excess in ("global_median:excess", "ridge:excess"):
        status, text = compared(world, "recent_rate", by_excess)
        assert status == 0 and f"B: {by_excess}" in text, text
        assert "has no results yet" not in text and "nothing to compare" not in text
    status, text = compared(world, "ridge:default", "ridge:excess")
    assert "A: ridge:default   B: ridge:excess" in text and " same." not in text


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded")
def test_the_run_before_a_comparison_can_be_narrowed_to_data_sets(tmp_path: Path, world: World) -> None:
    mine = write_baseline(tmp_path, "my_model", "")
    status, text = compared(world, "global_median", mine, "-d", "demo_tweets")
    assert status == 1
    assert "global_median has rows on trial alone: say -d NAME, or -d path/to/card.toml" in text
    assert not [name for name in world.results() if "my_model" in name]


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded")
@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("def fit(self, train, y):\n    raise ValueError('no luck')", "failed: ValueError: no luck"),
        ("def predict(self, posts):\n    return 1 / 0", "failed: ZeroDivisionError"),
    ],
)
def test_a_file_that_fails_says_so(tmp_path: Path, world: World, body: str, told: str) -> None:
    mine = write_baseline(tmp_path, "my_model", body)
    status, text = compared(world, "global_median", mine, "-d", world.card.folder / "card.toml")
    assert "my_model has no result that could be compared: trial/" in text and told in text
    assert status == 1


@pytest.mark.parametrize("content", ["import nothing_of_this_name\n", "def (:\n", "x = 1\n"])
def test_a_file_that_is_no_baseline_says_so(tmp_path: Path, world: World, content: str) -> None:
    (tmp_path / "my_model.py").write_text(content)
    status, text = compared(world, "global_median", tmp_path / "my_model.py")
    assert status == 1
    assert "my_model" in text and "is a leaderboard" not in text


def test_the_margin_of_two_baselines_is_a_share_of_their_reference_and_so_the_same_either_way(
    tmp_path: Path,
) -> None:
    for name, mae in (("recent_median", 10.0), ("a", 1.0), ("b", 1.02)):
        put(tmp_path / "runs", name, mae)
    for one, other in (("a", "b"), ("b", "a")):
        line = only(compare(one, other, home=tmp_path))
        assert (line["margin"], line["verdict"]) == (pytest.approx(0.05), "equivalent")
