"""Qualities: what is measured of content in plain words, and what viral posts have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image
from qualities_asked import DATASETS, sides, told

from benchmark.encoders.langid import LANGUAGES
from benchmark.errors import SmpbenchError
from benchmark.qualities import QUALITIES, measure, style
from benchmark.qualities.cells import Cells
from benchmark.qualities.measured import Read, in_english, table
from benchmark.scores.measures.resamples import Resamples
from benchmark.split import DAY_MS

# What can be seen of a text


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("question", "Do you agree?", 1),
        ("question", "你好吗？", 1),
        ("question", "see https://example.org/?page=2", 0),
        ("exclamation", "Great!", 1),
        ("link", "at www.example.org", 1),
        ("link", "at example", 0),
        ("mention", "thanks @ann", 1),
        ("mention", "write to ann@example.org", 0),
        ("number", "in 3 days", 1),
        ("number", "https://example.org/2021", 0),
        ("hashtags", "#space #x1 #1 &#39; no#tag", 2),
        ("emoji", "plain", 0),
        ("emoji", "🚀🚀 ❤️", 3),
        ("emoji", "👩‍👩‍👧 👍🏽 🇩🇪", 3),
        ("capitals", "ABcd ef", 2 / 6),
        ("lines", "one\n\ntwo\n", 2),
        ("length", " 12345 https://example.org/abc ", 5),
        ("you", "How are YOU", 1),
        ("you", "youth", 0),
        ("call", "Sign up today", 1),
        ("call", "the link in our bio", 1),
        ("call", "we signed nothing", 0),
    ],
)
def test_style_is_read_from_the_text_alone(name: str, text: str, expected: float) -> None:
    quality = QUALITIES[f"text.{name}"]
    assert quality.of_text is not None
    assert quality.of_text(text) == pytest.approx(expected)


def test_of_few_letters_no_share_of_capitals_is_told() -> None:
    assert np.isnan(style.capitals("OK"))
    assert np.isnan(style.capitals("你好你好你好"))


@pytest.mark.parametrize("function", [one.of_text for one in QUALITIES.values() if one.of_text])
def test_odd_texts_are_read_in_no_time(function: Any) -> None:
    for text in (
        "a" * 100_000,
        "\u200d" * 20_000,
        "🚀\u200d" * 20_000,
        "@#" * 20_000,
        "\ud800",
        "link in " * 9_999,
    ):
        assert function(text) >= 0 or (function is style.capitals and "a" not in text)


# The list


def test_every_quality_says_what_it_is_and_where_it_comes_from() -> None:
    for name, one in QUALITIES.items():
        assert name == one.name
        assert name.split(".")[0] == one.modality
        assert one.about.endswith(".")
        assert one.scale
        assert one.more
        assert one.less or one.yes_or_no
        assert (one.of_text is None) == bool(one.encoding and one.reading)


def test_every_quality_stands_in_the_documentation() -> None:
    told = (DATASETS.parent / "docs" / "qualities.md").read_text(encoding="utf-8")
    assert [name for name in QUALITIES if f"`{name}`" not in told and not _in_family(name, told)] == []


def _in_family(name: str, told: str) -> bool:
    """`text.topic.*` stands for all topics."""
    return f"`{name.rsplit('.', 1)[0]}.*`" in told


# Language


def language(*probable: dict[str, float]) -> Read:
    vectors = np.array(
        [[one.get(code, 0.0) for code in [*LANGUAGES, "other"]] for one in probable], np.float32
    )
    return Read(vectors, np.ones(len(probable), bool))


LONG = "a text that is long enough to tell its language"


def test_of_a_set_in_english_all_texts_count_but_those_that_clearly_are_not() -> None:
    read = language({"de": 0.99}, {"de": 0.6, "en": 0.4}, {"en": 1.0}, {"de": 0.99})
    assert in_english([LONG, LONG, LONG, "kurz"], [], read).tolist() == [False, True, True, True]


def test_of_a_set_in_several_languages_those_count_that_are_english_and_can_be_told() -> None:
    read = language({"de": 0.99}, {"de": 0.4, "en": 0.6}, {"en": 1.0})
    assert in_english([LONG, LONG, "short"], ["en", "de"], read).tolist() == [False, True, False]


def test_of_a_set_without_english_none_counts() -> None:
    assert not in_english([LONG], ["pt"], language({"en": 1.0})).any()
    values = table([LONG + "?"], {"sentiment": Read(np.ones((1, 4), np.float32), np.ones(1, bool))}, ["pt"])
    assert np.isnan(values["text.sentiment"][0])
    assert np.isnan(values["text.you"][0])
    assert values["text.question"][0] == 1


def test_sentiment_of_either_profile_goes_from_minus_to_plus() -> None:
    ok = np.ones(1, bool)
    for vector, expected in (([0.1, 0.2, 0.7, 0.55], 0.55), ([0.7, 0.2, 0.1], -0.6)):
        read = {"sentiment": Read(np.array([vector], np.float32), ok)}
        assert table(["a text"], read, [])["text.sentiment"][0] == pytest.approx(expected)


def test_a_text_that_is_near_to_every_emotion_alike_is_nearer_to_none() -> None:
    read = {
        "emotion": Read(np.array([[0.3] * 6, [0.1, 0.7, 0.1, 0.1, 0.1, 0.1]], np.float32), np.ones(2, bool))
    }
    values = table(["short", "a text"], read, []).filter(like="text.emotion.")
    np.testing.assert_allclose(values.loc[0], 0, atol=1e-6)
    assert values.loc[1].idxmax() == "text.emotion.joy"
    assert values.loc[1].max() == pytest.approx(0.5)


def test_an_encoder_with_vectors_of_another_length_tells_nothing() -> None:
    read = {"emotion": Read(np.ones((1, 28), np.float32), np.ones(1, bool))}
    assert np.isnan(table(["a text"], read, [])["text.emotion.joy"][0])


# Drafts


def test_texts_and_images_must_be_equally_many() -> None:
    with pytest.raises(SmpbenchError, match="2 texts, but 1 images: give None where there is none"):
        measure(["a", "b"], [None])


@pytest.mark.slow
def test_drafts_are_measured_each_by_itself_and_what_they_lack_is_nan(tmp_path: Path) -> None:
    Image.effect_noise((90, 60), 80).convert("RGB").save(tmp_path / "grain.png")
    (tmp_path / "broken.png").write_bytes(b"none")
    texts = [
        "Do you love this wonderful morning as much as I do?",
        "",
        "Ein deutscher Satz ist hier zu lesen, ganz sicher",
    ]
    images = [None, tmp_path / "grain.png", tmp_path / "broken.png"]
    together = measure(texts, images)
    assert list(together) == list(QUALITIES)
    assert set(together.dtypes.astype(str)) == {"float32"}
    of_text = [name for name, one in QUALITIES.items() if one.modality == "text"]
    of_image = [name for name in QUALITIES if name not in of_text]
    assert together.loc[0, of_text].notna().all()
    assert together.loc[0, of_image].isna().all()
    assert together.loc[1, of_text].isna().all()
    assert together.loc[1, of_image].drop("image.tilt").notna().all()
    assert together.loc[2, of_image].isna().all()
    assert np.isnan(together["text.sentiment"][2])
    assert np.isnan(together["text.topic.sports"][2])
    assert together["text.sentiment"][0] > 0.5
    alone = pd.concat([measure([text], [image]) for text, image in zip(texts, images, strict=True)])
    np.testing.assert_allclose(alone, together, atol=2e-3)


@pytest.mark.slow
def test_texts_in_portuguese_have_topics_and_no_sentiment() -> None:
    told = measure(["Que golo incrível, ganhamos o jogo de futebol ontem à noite!"], [None], languages=["pt"])
    topics = told.filter(like="text.topic.").iloc[0]
    assert topics.idxmax() == "text.topic.sports"
    assert told[["text.sentiment", "text.profanity", "text.you"]].isna().all(axis=None)


# The arithmetic


def posts(
    accounts: int, each: int, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """Account, whether viral (a tenth), and time of each post; accounts have a few posts more or less."""
    rng = np.random.default_rng(seed)
    users = np.repeat(np.arange(accounts), each + np.arange(accounts) % 7)
    return users, rng.random(len(users)) < 0.1, rng.integers(0, 300 * DAY_MS, len(users))


def test_the_difference_is_that_of_least_squares_with_an_intercept_an_account() -> None:
    users, viral, times = posts(30, 25)
    rng = np.random.default_rng(1)
    x = rng.uniform(size=len(users)) + 3 * users + 0.5 * viral
    known = rng.random(len(x)) > 0.1
    values = np.where(known, x, np.nan)
    found = told(sides(users, viral, times).association(values))
    both = np.isin(users, [u for u in range(30) if viral[known & (users == u)].sum() > 0])
    y, d, u = x[known & both], viral[known & both], users[known & both]
    y = np.clip(y, *np.quantile(y, [0.01, 0.99]))
    design = np.column_stack([d, np.eye(30)[u]])
    assert found.viral - found.others == pytest.approx(np.linalg.lstsq(design, y)[0][0])
    assert found.posts == len(y)
    assert found.low < found.effect < found.high
    assert found.p < 1e-3


def test_an_account_of_viral_posts_alone_or_of_none_says_nothing() -> None:
    users, viral, times = posts(25, 30)
    viral[users == 0], viral[users == 1] = True, False
    x = np.random.default_rng(0).normal(size=len(users))
    found = told(sides(users, viral, times).association(x))
    x[users <= 1] += 1000
    assert told(sides(users, viral, times).association(x)).effect == found.effect
    assert found.groups == 23


def test_whether_accounts_are_the_clusters_or_are_cut_by_them_a_resample_is_the_posts_drawn_again() -> None:
    rng = np.random.default_rng(3)
    users = np.repeat(np.arange(12), 40)
    viral, x = rng.random(480) < 0.2, rng.normal(size=480)
    for of_posts in (users, np.arange(480) % 15, users // 2):
        resamples = Resamples(of_posts, 5)
        cells = Cells.of(x, viral, users, of_posts)
        counts = resamples.counts(0, 5)
        means = cells.means(counts.astype(float))
        for drawn, (one, other) in zip(counts, means, strict=True):
            times = drawn[of_posts]
            again = np.repeat(np.arange(480), times)
            u, v, y = users[again], viral[again], x[again]
            n1, n0 = np.bincount(u, v, 12), np.bincount(u, ~v, 12)
            weight = np.divide(n1 * n0, n1 + n0, out=np.zeros(12), where=n1 + n0 > 0)
            some = weight > 0
            expected = [
                (weight[some] * np.bincount(u, y * side, 12)[some] / n[some]).sum() / weight.sum()
                for side, n in ((v, n1), (~v, n0))
            ]
            np.testing.assert_allclose([one, other], expected)


def test_what_is_rare_or_hardly_differs_is_not_told() -> None:
    users, viral, times = posts(25, 30)
    rare = (np.arange(len(users)) % 97 == 0).astype(float)
    assert sides(users, viral, times).association(rare) == "it is the same in all but a few posts"
    few = np.where(np.arange(len(users)) < 40, np.random.default_rng(0).normal(size=len(users)), np.nan)
    assert "fewer than 10" in str(sides(users, viral, times).association(few))


def test_one_post_with_a_thousand_emoji_decides_nothing() -> None:
    users, viral, times = posts(25, 30)
    x = np.random.default_rng(0).poisson(2.0, len(users)).astype(float)
    before = told(sides(users, viral, times).association(x))
    x[np.flatnonzero(viral)[3]] = 1000
    assert told(sides(users, viral, times).association(x)).effect == pytest.approx(before.effect, abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize(("accounts", "each"), [(30, 40), (1, 1200)])
def test_of_labels_that_mean_nothing_few_tables_find_something(accounts: int, each: int) -> None:
    """A discovery among 20 qualities, none of which has to do with the labels, is a false one. Of 100 tables
    with a true share of 5%, more than 11 find something in 1% of all cases."""
    from scipy.stats import false_discovery_control

    tables, below, outside = 0, [], []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        users = np.repeat(np.arange(accounts), each)
        values = rng.normal(size=(len(users), 20)) + rng.normal(size=(accounts, 20))[users]
        values[:, :5] = rng.random((len(users), 5)) < [0.03, 0.1, 0.3, 0.5, 0.9]
        values[:, 5:8] = np.exp(1.5 * rng.normal(size=(len(users), 3)))
        viral = rng.random(len(users)) < 0.1
        of = sides(users, viral, rng.integers(0, 400 * DAY_MS, len(users)), number=400)
        found = [one for one in map(of.association, values.T) if not isinstance(one, str)]
        ps = np.array([one.p for one in found])
        tables += bool((false_discovery_control(ps) <= 0.05).any())
        below += list(ps < 0.05)
        outside += [not one.low <= 0 <= one.high for one in found]
    shares = f"p < 0.05: {np.mean(below):.1%}; intervals without 0: {np.mean(outside):.1%}"
    print(f"{tables} of 100 tables find something; {shares}")
    assert tables <= 11
    assert np.mean(below) < 0.065
    assert np.mean(outside) < 0.085
