"""The demo tweets: the snscrape layout with its quirks, strong drift, and a known ceiling."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from generated import DATASETS, generate

from benchmark.contract.probe import schema
from benchmark.data.cards import load_card
from benchmark.data.prepare import prepare
from benchmark.files import sha256_of
from benchmark.handover import revealed, shown
from benchmark.posts import Posts
from benchmark.readers import read
from benchmark.run.tasks import TaskPosts
from benchmark.split import Block
from benchmark.timeline import Timeline

pytestmark = pytest.mark.slow

BEFORE_FACTS = {
    "tweets.csv": "7c694f0ecef174b6b2638373fdcd59eb9e527379f00632e65f8ba361503eee0a",
    "ceiling.csv": "d1a3626f78b7e41ce69d7ae3db77186ca97b21999d3d4c8b428d0e50c5324305",
}
"""sha256 of what the generator wrote before it wrote facts; the ceiling says since how large the noise is, in
columns of its own."""
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


def test_facts_leave_tweets_labels_and_ceiling_as_they_were(raw: Path) -> None:
    assert {name: sha256_of(raw / name) for name in BEFORE_FACTS} == BEFORE_FACTS


def test_readings_follow_the_settling_curve_and_end_with_the_label(raw: Path, tweets: pd.DataFrame) -> None:
    read = pd.read_csv(raw / "readings.csv")
    assert read["read_at"].is_monotonic_increasing
    tweets = tweets.set_index("Tweet Id")
    published = (read["tweet_id"].to_numpy() >> 22) + 1_288_834_974_657
    age = (read["read_at"] - published) / 3_600_000
    end = read["read_at"] == read["read_at"].max()
    last = read[end].set_index("tweet_id")["likes"]
    pd.testing.assert_series_equal(last.sort_index(), tweets["like count"].sort_index(), check_names=False)
    planned = np.array([1, 6, 24])
    off = age[~end].to_numpy()[:, None] - planned
    assert ((off >= 0) & (off < 0.2501)).any(axis=1).all()
    settled = tweets["Datetime"] < tweets["Datetime"].max() - pd.Timedelta(days=14)
    early = read[~end & read["tweet_id"].map(settled) & (read["tweet_id"].map(last) > 1000)]
    share = 1 - np.exp(-age[early.index] / 24)
    np.testing.assert_allclose(early["likes"] / early["tweet_id"].map(last), share, atol=0.002)


def test_mentions_are_those_of_the_texts_and_of_strangers(raw: Path, tweets: pd.DataFrame) -> None:
    said = pd.read_csv(raw / "mentions.csv")
    own = said[said["author"] == "demo_account"]
    replies = tweets[tweets["Text"].str.startswith("@")].iloc[::-1]
    assert own["mentioned"].tolist() == replies["Text"].str.split().str[0].str.removeprefix("@").tolist()
    others = said[said["author"] != "demo_account"]
    assert (others["mentioned"] == "demo_account").all()
    assert others["author"].str.startswith("stranger_").all() and others["author"].nunique() > 100
    assert said["said_at"].is_monotonic_increasing


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> TaskPosts:
    card = load_card(DATASETS / "demo_tweets" / "card.toml")
    return TaskPosts.of(prepare(card, tmp_path_factory.mktemp("home"), ()), card.tasks[0])


def blocks(posts: TaskPosts) -> Iterator[tuple[Block, Posts]]:
    """The test posts block by block, as a worker is shown them."""
    windows = posts.windows("rolling")
    told = schema(posts.prepared.card, posts.task.name, (), len(posts.rows), None)
    timeline = Timeline(told, windows.clock)
    handed = posts.handed_over(windows, told.columns)
    for block, (reveal, predict) in zip(windows.blocks, handed, strict=True):
        revealed(timeline, reveal)
        yield block, shown(timeline, predict)


def test_a_block_sees_the_facts_known_at_its_start_and_no_others(posts: TaskPosts) -> None:
    for name in ("readings", "mentions"):
        every = posts.facts[name].to_pandas()
        for block, test in blocks(posts):
            known = every[every["known_at"] <= pd.Timestamp(block.start, unit="ms")]
            facts = test.facts(name)
            assert len(test._timeline.ledgers[name]) == len(facts) == len(known)
            assert (facts.ends == len(known)).all()
            pd.testing.assert_frame_equal(facts.table.to_pandas(), known)
            if name == "mentions":
                fans = (known["mentioned"] == "demo_account").sum()
                assert (facts.count("mentioned") == fans).all()


def test_readings_tell_the_label_of_a_tweet_days_before_it_is_revealed(posts: TaskPosts) -> None:
    labels = dict(zip(posts.table["post_id"].to_pylist(), posts.labels[:, 0], strict=True))
    ahead = 0
    for _, test in blocks(posts):
        readings = test.facts("readings")
        tweets = np.unique(readings.codes("post_id"))
        tweets = tweets[(tweets >= 0) & np.isnan(test._timeline.labels[tweets, 0])]
        if not len(tweets):
            continue
        of = np.tile(tweets, (len(test), 1))
        rows = readings.latest(1, "post_id", of)[0, :, 0]
        age = (readings.known_at[rows] - test.at(tweets).times) / np.timedelta64(1, "D")
        final = readings.take("likes", rows) / (1 - np.exp(-age))
        truth = [labels[name] for name in test.at(tweets).ids]
        np.testing.assert_allclose(np.log1p(final), truth, atol=0.05)
        ahead += len(tweets)
    assert ahead > 50


def test_the_cards_cut_off_leaves_about_a_fifth_for_the_test(statements: pd.DataFrame) -> None:
    protocol = load_card(DATASETS / "demo_tweets" / "card.toml").task("engagement").protocols["frozen"]
    assert protocol.cut_off is not None
    share = (statements["Datetime"] >= pd.Timestamp(protocol.cut_off)).mean()
    assert 0.17 < share < 0.25


def test_the_reader_of_the_real_set_reads_it_all(raw: Path, tweets: pd.DataFrame) -> None:
    card = load_card(DATASETS / "demo_tweets" / "card.toml")
    frame = read(card, raw).frame
    assert len(frame) == len(tweets)
    assert set(card.columns) | set(card.measured) <= set(frame.columns)
    assert sorted(frame["likes"]) == sorted(tweets["like count"])
