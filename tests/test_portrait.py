"""The portrait of a data set: what `smpbench describe` says of it, and which issues it finds."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from raw_layouts import write_csv
from table_sets import rows, table_card
from typer.testing import CliRunner
from worlds import MadeUpEncoder, World

from benchmark.data.prepare import prepare
from benchmark.encoders.cache import FeatureCache
from benchmark.encoders.interface import Encoded
from benchmark.errors import SmpbenchError
from benchmark.portrait.issues import issues
from benchmark.portrait.labels import labels_of
from benchmark.portrait.picture import draw
from benchmark.portrait.portrait import Portrait, portrait
from benchmark.portrait.texts import known_texts, near, repeated
from benchmark.portrait.vectors import Vectors
from benchmark.split import DAY_MS
from smpbench.cli.main import app


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text has a direction of its own; of languages the first is the likeliest, English."""

    def encode(self: MadeUpEncoder, items: list[str]) -> Encoded:
        if self.encoding == "language":
            vectors = np.eye(1, 20).repeat(len(items), axis=0)
        else:
            seeds = [zlib.crc32(item.encode()) for item in items]
            vectors = np.stack([np.random.default_rng(seed).normal(size=self.dim) for seed in seeds])
        return Encoded(vectors.astype(np.float16), np.ones(len(items), bool), {})

    monkeypatch.setattr(MadeUpEncoder, "encode", encode)
    monkeypatch.setattr(MadeUpEncoder, "dim", 64)
    monkeypatch.setattr("benchmark.portrait.portrait.encoder", lambda profile, kind: MadeUpEncoder(kind))


def of_table(folder: Path, content: list[dict[str, Any]], **changed: Any) -> Portrait:
    write_csv(folder / "raw" / "mine.csv", content)
    return portrait(prepare(table_card(folder, **changed), folder / "home", []), folder / "home")


def told(folder: Path, content: list[dict[str, Any]], **changed: Any) -> str:
    return "\n".join(issues(of_table(folder, content, **changed)))


# Issues: each is found, and a sound set has none


def sound() -> list[dict[str, Any]]:
    """Labels without drift, texts all different and long enough for a language."""
    return [
        {**row, "likes": 5 + i * 37 % 100, "text": f"a text in plain English about the matter {i}"}
        for i, row in enumerate(rows(200))
    ]


def test_a_sound_set_has_no_issue(tmp_path: Path) -> None:
    found = of_table(tmp_path, sound())
    assert issues(found) == []
    assert found.texts and found.texts.languages and found.texts.languages.shares == {"en": 1.0}


def test_a_text_of_the_test_that_stands_in_training_is_an_issue(tmp_path: Path) -> None:
    content = sound()
    for row in content:
        row["text"] = "win a prize" if int(row["post_id"][1:]) % 4 == 0 else row["text"]
    shown = told(tmp_path, content)
    assert "25.0% of the posts have a text that another post has as well" in shown
    assert "t, frozen: the text of " in shown and "of the test posts stands in a training post" in shown
    assert "nearly that of a training post (cosine above 0.95, or equal)" in shown


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "issue"),
    [
        ({"text": ""}, "100.0% of the posts have no text"),
        ({"width": ""}, "missing in every post: width"),
        ({"likes": 7}, "t, likes: all labels are 2.079"),
    ],
)
def test_what_is_the_same_in_every_post_is_an_issue(
    tmp_path: Path, changed: dict[str, Any], issue: str
) -> None:
    assert issue in told(tmp_path, [{**row, **changed} for row in sound()])


def test_a_column_that_most_posts_lack_ties_and_drift_are_issues(tmp_path: Path) -> None:
    content = sound()
    for i, row in enumerate(content):
        row["width"] = row["width"] if i % 4 == 0 else ""
        row["likes"] = 10 ** (1 + 2 * (row["time"] > "2021-03-20")) if i % 3 else row["likes"]
    shown = told(tmp_path, content)
    assert "missing in more than half of the posts: width 75.0%" in shown
    assert "of the labels are 2.398" in shown
    assert "t, frozen: the median of likes goes from 2.40 in training to 6.91 in the test" in shown


def test_a_wrong_date_and_a_protocol_that_cannot_cut_are_issues(tmp_path: Path) -> None:
    content = sound()
    content[9]["time"] = "2099-01-01T00:00:00"
    task = {"name": "t", "targets": ["likes"], "protocols": {"frozen": {"test_fraction": 0.3}}}
    shown = told(tmp_path, content, tasks=[task])
    assert "dates: 1 of 200 posts is dated 2099-01-01" in shown
    assert "task 't', protocol 'frozen': a share of the time" in shown


# Labels


def days(count: int, a_day: int = 4) -> np.ndarray[Any, np.dtype[np.int64]]:
    return 1_600_000_000_000 + np.arange(count * a_day) * (DAY_MS // a_day)


def test_labels_of_the_last_week_that_have_not_grown_yet_are_noticed() -> None:
    times = days(60)
    labels = np.random.default_rng(0).normal(5, 1, len(times))
    settled = labels_of("likes", "log1p", times, labels).immature
    labels[-28:] -= 3
    fresh = labels_of("likes", "log1p", times, labels).immature
    assert settled and abs(settled.in_spreads) < 0.5
    assert fresh and fresh.in_spreads < -1.5 and fresh.last < 3 < fresh.before


def test_with_too_few_posts_in_the_last_week_nothing_is_said_of_them() -> None:
    assert labels_of("likes", "log1p", days(60, 1), np.arange(60.0)).immature is None


@pytest.mark.parametrize(
    ("length", "unit", "periods"),
    [(20, "day", 20), (100, "week", 15), (600, "month", 21), (5000, "year", 14)],
)
def test_periods_are_as_short_as_a_page_allows(length: int, unit: str, periods: int) -> None:
    times = days(length, 1)
    found = labels_of("likes", "log1p", times, np.arange(float(len(times))))
    assert found.unit == unit
    assert abs(len(found.periods) - periods) <= 1
    assert sum(period.posts for period in found.periods) == len(times)
    medians = [period.quantiles[2] for period in found.periods]
    assert medians == sorted(medians)


def test_ties_are_counted() -> None:
    found = labels_of("likes", "identity", days(5), np.array([0.0] * 15 + [1, 2, 3, 4, 5]))
    assert (found.values, found.commonest, found.commonest_share) == (6, 0.0, 0.75)


# Texts


def test_an_empty_text_is_no_repetition() -> None:
    assert repeated(["", "", "a", "b", "a", "a"]) == 3
    assert known_texts(["", "a", "b", "a", ""], np.array([0, 1, 2]), np.array([3, 4])) == 1


def test_nearly_the_same_text_is_told_from_the_very_same() -> None:
    texts = ["same", "known", "same", "alike", "far", ""]
    vectors = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 0], [0.1, 1, 0], [0, 0, 1], [0, 0, 0]], np.float32)
    found = near(lambda rows: vectors[rows], texts, np.array([0, 1]), np.array([2, 3, 4, 5]))
    assert found and (found.test, found.train) == (3, 2)
    assert (found.share, found.not_equal) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert near(lambda rows: vectors[rows], texts, np.array([5]), np.array([2])) is None


def test_vectors_of_a_full_cache_are_taken_and_no_text_is_encoded_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_csv(tmp_path / "raw" / "mine.csv", rows())
    prepared = prepare(table_card(tmp_path), tmp_path / "home", [])
    texts = prepared.posts()["text"].to_pylist()
    encoder, asked = MadeUpEncoder("text"), np.array([3, 5, 3])
    fresh = Vectors(encoder, prepared, tmp_path / "home", texts)
    first = fresh.of(asked)
    ids = prepared.posts()["post_id"].to_pylist()
    FeatureCache(tmp_path / "home").ensure(encoder, "mine", prepared.content, ids, texts)
    monkeypatch.setattr(MadeUpEncoder, "encode", lambda self, items: pytest.fail("encoded once more"))
    assert (fresh.of(asked) == first).all()
    assert (Vectors(encoder, prepared, tmp_path / "home", texts).of(asked) == first).all()


# The command


@pytest.mark.slow
def test_the_command_says_it_in_words_in_json_and_in_a_picture(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    given = ["describe", "-d", str(world.card.folder / "card.toml"), "--home", str(world.home)]
    said = CliRunner().invoke(app, [*given, "--plot", str(tmp_path / "plots" / "trial.png")])
    assert said.exit_code == 0, said.output
    for line in (
        "trial: A made-up trial",
        "  posts: 240 by ",
        "  task three (regression): 240 posts",
        "frozen:",
    ):
        assert line in said.output
    assert "missing in every post: never_given" in said.output
    with Image.open(tmp_path / "plots" / "trial.png") as picture:
        assert picture.size[0] == 1000

    (found,) = json.loads(CliRunner().invoke(app, [*given, "--json"]).stdout)
    assert found["posts"] == 240 and found["issues"]
    (cut, *_) = found["tasks"][0]["cuts"]
    assert cut["protocol"] == "frozen" and 0 < cut["unseen_users"] < 1


def test_a_picture_shows_one_data_set() -> None:
    done = CliRunner().invoke(app, ["describe", "-d", "demo_tweets", "-d", "demo_flickr", "--plot", "x.png"])
    assert isinstance(done.exception, SmpbenchError) and "name it with -d" in str(done.exception)


def test_a_set_without_texts_labels_or_spread_has_a_portrait_all_the_same(tmp_path: Path) -> None:
    columns = {
        "post_id": {"role": "id"},
        "user_id": {"role": "user"},
        "time": {"role": "time"},
    }
    found = of_table(tmp_path, [{**row, "likes": ""} for row in rows()], columns=columns)
    assert found.texts is None
    assert any("no post has a label of likes" in line for line in issues(found))
    draw(found, tmp_path / "empty.png")
    assert (tmp_path / "empty.png").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["demo_flickr", "demo_tweets"])
def test_the_demo_sets_have_a_portrait(tmp_path: Path, name: str) -> None:
    done = CliRunner().invoke(app, ["describe", "-d", name, "--home", str(tmp_path)])
    assert done.exit_code == 0, f"{done.output} {done.exception!r}"
    assert "known issues" in done.output
    assert "cannot" not in done.output
