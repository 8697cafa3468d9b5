"""What the board teaches: the scores, prices and ranges in its prose are those of the published board."""

from __future__ import annotations

import pandas as pd
import pytest
from documents import page
from findings import PUBLISHED, prose

from leaderboard.board.merged import read_csv
from leaderboard.board.prices import FILE, read_prices

pytestmark = pytest.mark.slow

TREES = "lightgbm:+history"
MEANS = "random_split_user_means"
FACTS = ("lightgbm:metadata", "lightgbm:inputs=metadata+facts")
FACTS_TEXT = ("lightgbm:+text", "lightgbm:inputs=metadata+text+facts")

Place = tuple[str, str, str, str]

SCORES: list[tuple[int, Place, tuple[str, ...], str]] = [
    (
        1,
        ("youtube_growth", "growth_24h", "frozen", "mae"),
        ("temporal_fusion_transformer",),
        "only the `temporal_fusion_transformer`, with {:.3f}, is as good",
    ),
    (
        5,
        ("twitter_ratio", "likes", "rolling", "mae"),
        (TREES, "gp_level"),
        "likes, rolling, {:.3f} -> {:.3f}",
    ),
    (5, ("musk_tweets", "likes", "frozen", "mae"), (TREES, "gp_level"), "frozen year ({:.3f} -> {:.3f}, ["),
    (
        6,
        ("tiktok_vn", "views", "frozen", "spearman"),
        (TREES, "ridge", "catboost"),
        "(correlation {:.3f} and {:.3f}, frozen), those of `catboost` better than most ({:.3f})",
    ),
    (
        6,
        ("tiktok_vn", "views", "frozen", "mae"),
        (TREES, "catboost", "ridge"),
        "err much: {:.3f} and {:.3f} against {:.3f} for ridge",
    ),
    (
        7,
        ("youtube_growth", "growth_24h", "frozen", "mae"),
        (TREES, "ensemble"),
        "growth, frozen, {:.3f} -> {:.3f}",
    ),
    (
        7,
        ("twitter_ratio", "likes", "frozen", "mae"),
        ("temporal_fusion_transformer", "gp_level"),
        "({:.3f}; `gp_level` {:.3f}, the least)",
    ),
    (
        7,
        ("musk_tweets", "replies", "frozen", "mae"),
        ("ensemble", TREES),
        "{:.3f} where the trees have {:.3f}",
    ),
    (8, ("vine", "loops", "frozen", "mae"), ("recent_median",), "its median: loops {:.3f} frozen"),
    (8, ("vine", "loops", "rolling", "mae"), ("recent_median",), "frozen, {:.3f} rolling"),
    (
        12,
        ("pheme_follow", "favourites", "frozen", "mae"),
        ("gp_level", TREES),
        "`gp_level` errs by {:.2f} there, the trees by {:.2f}",
    ),
    (12, ("pheme_follow", "favourites", "frozen", "mae"), ("ridge",), "to {:.2f} on favourites"),
    (12, ("pheme_follow", "retweets", "frozen", "mae"), ("ridge",), "to {:.2f} on retweets"),
    (14, ("musk_reddit", "likes", "frozen", "spearman"), FACTS, "(likes {:.3f} -> {:.3f}, "),
    (14, ("musk_reddit", "likes", "frozen", "spearman"), FACTS_TEXT, "beside text {:.3f} -> {:.3f}, "),
]
"""Section; data set, target, protocol and measure; rows; and what the section says of their scores."""

FINDING, PITFALLS = prose(10), " ".join(page("docs/pitfalls.md").split())

PRICES = [
    (
        FINDING,
        "twitter_ratio",
        "likes",
        "random_split",
        "`twitter_ratio` from {honest:.2f} to {wrong:.2f}",
    ),
    (FINDING, "smpd_video", "popularity", MEANS, "on `smpd_video` from {honest:.2f} to {wrong:.2f}"),
    (FINDING, "tiktok_vn", "likes", MEANS, "on `tiktok_vn` from {honest:.2f} to {wrong:.2f}"),
    (FINDING, "vine", "loops", MEANS, "where accounts are known, from {honest:.2f} to {wrong:.2f}"),
    (
        FINDING,
        "smpd_video",
        "popularity",
        "crawl_columns",
        "columns on `smpd_video` to {wrong:.2f}",
    ),
    (FINDING, "reddit_musk", "score", "crawl_columns", "on `reddit_musk` from {honest:.2f} to {wrong:.2f}"),
    (FINDING, "reddit_musk", "score", "random_split", "the score worse ({honest:.2f} to {wrong:.2f}"),
    (FINDING, "tiktok_news", "shares", "random_split", "makes {inflation:+.2f} [{low:+.2f}, {high:+.2f}]"),
    (PITFALLS, "smpd_video", "popularity", "random_split", "what was known at publication | {honest:.3f} |"),
    (PITFALLS, "smpd_video", "popularity", "random_split", "posts split at random | {wrong:.3f} |"),
    (PITFALLS, "smpd_video", "popularity", "crawl_columns", "data were collected | {wrong:.3f} |"),
    (PITFALLS, "smpd_video", "popularity", "target_encoding", "test posts among them | {wrong:.3f} |"),
    (PITFALLS, "smpd_video", "popularity", MEANS, "mean label over all posts | {wrong:.3f} |"),
    (PITFALLS, "instagram_profiles", "likes", "no_embargo", "from {honest:.2f} to {wrong:.2f} without"),
    (PITFALLS, "instagram_profiles", "likes", "crawl_columns", "{wrong:.2f} with crawl-time columns"),
    (PITFALLS, "instagram_profiles", "likes", "random_split", "{wrong:.2f} by a random split"),
    (PITFALLS, "instagram_profiles", "likes", "target_encoding", "{wrong:.2f} with mean labels"),
    (PITFALLS, "musk_tweets", "likes", "random_split", "alone goes from {honest:.2f} to {wrong:.2f}"),
    (PITFALLS, "musk_tweets", "likes", "batch_spearman", "by {lost:.2f} on `musk_tweets`"),
    (PITFALLS, "tiktok_news", "shares", "random_split", "shares are easy ({inflation:+.2f})"),
    (PITFALLS, "twitter_ratio", "likes", "random_split", "two accounts, from {honest:.2f} to {wrong:.2f}"),
    (PITFALLS, "reddit_musk", "score", "random_split", "so the score is worse by {lost:.2f}"),
]
"""Page, data set, target, mistake, and what the page says of Spearman without it and with it."""


@pytest.fixture(scope="module")
def board() -> pd.DataFrame:
    """Of what is known when a post is published."""
    lines = read_csv((PUBLISHED / "leaderboard.csv").read_text())
    return lines[~lines["crawl"].astype(bool)]


def score(board: pd.DataFrame, place: Place, row: str) -> float:
    """That of the row's default variant where none is named."""
    baseline, _, variant = row.partition(":")
    at = dict(zip(("dataset", "target", "protocol", "measure"), place, strict=True)) | {"baseline": baseline}
    lines = board[(board[list(at)] == list(at.values())).all(axis=1)]
    if variant or len(lines) > 1:
        lines = lines[lines["variant"] == (variant or "default")]
    assert len(lines) == 1, f"{row} on {place}: {len(lines)} rows"
    return float(lines["score"].iloc[0])


@pytest.mark.parametrize(("section", "place", "rows", "said"), SCORES)
def test_each_score_in_the_prose_is_that_of_its_row(
    section: int, place: Place, rows: tuple[str, ...], said: str, board: pd.DataFrame
) -> None:
    assert said.format(*(score(board, place, row) for row in rows)) in prose(section)


@pytest.fixture(scope="module")
def prices() -> pd.DataFrame:
    """By Spearman, of mistakes that are possible."""
    every = read_prices(PUBLISHED / FILE)
    every = every[(every["measure"] == "spearman") & every["inflation"].notna()]
    return every.assign(lost=-every["inflation"])


@pytest.mark.parametrize(("text", "dataset", "target", "mistake", "said"), PRICES)
def test_each_price_in_the_prose_is_that_of_its_mistake(
    text: str, dataset: str, target: str, mistake: str, said: str, prices: pd.DataFrame
) -> None:
    at = {"dataset": dataset, "target": target, "mistake": mistake}
    (line,) = prices[(prices[list(at)] == list(at.values())).all(axis=1)].to_dict("records")
    assert said.format(**line) in text


@pytest.mark.parametrize(
    ("dataset", "targets", "most", "said"),
    [
        ("tiktok_news", ["likes"], 0.02, "moves the Spearman of likes by more than 0.02"),
        ("tiktok_news", ["comments"], 0.034, "of comments by more than 0.034"),
        (
            "influencers_instagram",
            ["likes", "comments"],
            0.09,
            "no mistake moves any score by more than 0.09",
        ),
    ],
)
def test_where_mistakes_are_worth_little_none_is_worth_more_than_is_said(
    dataset: str, targets: list[str], most: float, said: str, prices: pd.DataFrame
) -> None:
    lines = prices[(prices["dataset"] == dataset) & prices["target"].isin(targets)]
    assert 0.7 * most < lines["inflation"].abs().max() <= most
    assert said in FINDING


def test_what_is_worth_little_is_worth_no_more_than_the_page_says(prices: pd.DataFrame) -> None:
    little = ["fitted_on_test", "pseudo_labels", "drop_last", "duplicates", "best_of_twenty"]
    lines = prices[prices["mistake"].isin(little)]
    assert lines["dataset"].nunique() == 10
    most = lines["inflation"].abs().max()
    assert f"none moves Spearman by more than {most:.3f} on ten data sets" in PITFALLS


def test_the_gaussian_process_is_the_least_and_the_transformer_the_most_where_finding_7_says_so(
    board: pd.DataFrame,
) -> None:
    at = {"dataset": "twitter_ratio", "target": "likes", "protocol": "frozen", "measure": "mae"}
    lines = board[(board[list(at)] == list(at.values())).all(axis=1)]
    ranked = lines[lines["reads"].str.contains("history")].sort_values("score")["baseline"].tolist()
    assert len(ranked) > 10
    assert (ranked[0], ranked[-1]) == ("gp_level", "temporal_fusion_transformer")


def test_the_own_past_tells_little_of_virality_where_the_threshold_is_the_accounts(
    board: pd.DataFrame,
) -> None:
    """The range of AUC of finding 11, and that no interval but YouTube's rolling one excludes 0.5."""
    lines = board[(board["baseline"] == "recent_rate") & (board["measure"] == "auc")]
    own = lines[lines["task"] == "virality"]
    other = (own["dataset"] == "youtube_trending") & (own["protocol"] == "rolling")
    rest = own[~other]
    assert f"lies between {rest['score'].min():.2f} and {rest['score'].max():.2f}" in prose(11)
    assert (rest["score_low"] <= 0.5).all() and (own[other]["score_low"] > 0.5).all()
