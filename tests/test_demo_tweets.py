"""The demo tweets: the snscrape layout with its quirks, strong drift, and a known ceiling."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from generated import DATASETS, generate

from benchmark.data.cards import load_card
from benchmark.readers import read

COUNTS = {"likes": "like count", "retweets": "retweet count", "replies": "reply count"}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """5,000 tweets, the size of the demo."""
    return generate("demo_tweets", tmp_path_factory.mktemp("demo") / "raw")


@pytest.fixture(scope="module")
def tweets(raw: Path) -> pd.DataFrame:
    return pd.read_csv(raw / "tweets.csv", parse_dates=["Datetime"])


@pytest.fixture(scope="module")
def statements(tweets: pd.DataFrame) -> pd.DataFrame:
    """What the card's task is about: no replies, and counts that have settled."""
    settled = tweets["Datetime"] < tweets["Datetime"].max() - pd.Timedelta(days=7)
    return tweets[settled & ~tweets["Text"].str.startswith("@")]


def test_the_header_is_that_of_a_snscrape_export(raw: Path) -> None:
    header = (raw / "tweets.csv").read_text().splitlines()[0]
    assert header == (
        ",Datetime,Tweet Id,Text,Username,location,reply count,retweet count,like count,language,"
        "Twitter Access Point,Follower Count, Friends Count,verified"
    )


def test_tweets_come_newest_first_and_their_ids_carry_their_times(tweets: pd.DataFrame) -> None:
    assert tweets["Datetime"].is_monotonic_decreasing
    assert tweets["Tweet Id"].is_unique
    milliseconds = [(int(number) >> 22) + 1_288_834_974_657 for number in tweets["Tweet Id"]]
    told = pd.to_datetime(milliseconds, unit="ms", utc=True).floor("s")
    assert (told == tweets["Datetime"]).all()


def test_seven_of_ten_tweets_are_replies_and_get_far_fewer_likes(tweets: pd.DataFrame) -> None:
    reply = tweets["Text"].str.startswith("@")
    assert reply.mean() == pytest.approx(0.70, abs=0.03)
    likes = tweets["like count"]
    assert likes[~reply].median() > 5 * likes[reply].median()


def test_texts_have_what_breaks_careless_readers(tweets: pd.DataFrame) -> None:
    for piece in ("\n", '"', ",", "&amp;", "🚀", "https://t.co/"):
        assert tweets["Text"].str.contains(piece, regex=False).any(), piece


def test_the_level_of_likes_drifts_strongly(statements: pd.DataFrame) -> None:
    likes = statements.sort_values("Datetime")["like count"]
    assert likes.tail(200).median() > 30 * likes.head(200).median()


def test_the_three_counts_go_together_but_are_not_one(statements: pd.DataFrame) -> None:
    correlation = np.log1p(statements[list(COUNTS.values())]).corr().to_numpy()
    between = correlation[np.triu_indices(3, k=1)]
    assert between.min() > 0.85
    assert between.max() < 0.97


def test_counts_of_the_last_days_have_not_settled(raw: Path, tweets: pd.DataFrame) -> None:
    ceiling = pd.read_csv(raw / "ceiling.csv").set_index("post_id")["likes"]
    excess = np.log1p(tweets["like count"]) - ceiling.loc[tweets["Tweet Id"]].to_numpy()
    age = tweets["Datetime"].max() - tweets["Datetime"]
    assert excess[age < pd.Timedelta(hours=18)].mean() < excess[age > pd.Timedelta(days=7)].mean() - 0.5


def test_follower_counts_are_of_the_day_of_scraping(tweets: pd.DataFrame) -> None:
    assert tweets["Follower Count"].max() < 1.01 * tweets["Follower Count"].min()


@pytest.mark.parametrize("target", list(COUNTS))
def test_the_ceiling_is_the_median_of_the_counts_and_ranks_them_well(
    raw: Path, statements: pd.DataFrame, target: str
) -> None:
    ceiling = pd.read_csv(raw / "ceiling.csv").set_index("post_id")[target]
    known = ceiling.loc[statements["Tweet Id"]].to_numpy()
    label = np.log1p(statements[COUNTS[target]].to_numpy())
    assert np.mean(label > known) == pytest.approx(0.5, abs=0.05)
    late = (statements["Datetime"] >= pd.Timestamp("2022-05-01", tz="UTC")).to_numpy()
    assert 0.8 < pd.Series(known[late]).rank().corr(pd.Series(label[late]).rank()) < 0.92


def test_the_cards_cut_off_leaves_about_a_fifth_for_the_test(statements: pd.DataFrame) -> None:
    protocol = load_card(DATASETS / "demo_tweets" / "card.toml").task("engagement").protocols["frozen"]
    assert protocol.cut_off is not None
    share = (statements["Datetime"] >= pd.Timestamp(protocol.cut_off)).mean()
    assert 0.17 < share < 0.25


def test_the_reader_of_the_real_set_reads_it_all(raw: Path, tweets: pd.DataFrame) -> None:
    card = load_card(DATASETS / "demo_tweets" / "card.toml")
    frame = read(card, raw).frame
    assert len(frame) == len(tweets)
    assert set(card.columns) | set(card.targets) <= set(frame.columns)
    assert sorted(frame["likes"]) == sorted(tweets["like count"])
