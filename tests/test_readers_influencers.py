"""Both readers of the influencers: invented files in the layout of the real ones, then the real ones."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from raw_layouts import REAL, ROOT, snowflake

from benchmark.data.cards import load_card
from benchmark.errors import DataError
from benchmark.readers import read
from benchmark.readers.raw import Raw

TWEETS = load_card(ROOT / "datasets" / "influencers" / "card.toml")
POSTS = load_card(ROOT / "datasets" / "influencers_instagram" / "card.toml")
REAL_FOLDER = Path(os.environ.get("SMPBENCH_RAW", REAL)) / "influencers_br"
NOON = pd.Timestamp("2020-03-01 12:00")

LIKES_FIRST = (900, 20, 60, 4)
"""likes, replies, retweets, quotes"""
LIKES_THIRD = (20, 60, 900, 4)
"""The same counts as replies, retweets, likes, quotes."""


def tweet(
    day: int,
    text: str = "Bom dia",
    counts: tuple[int, ...] = LIKES_FIRST,
    *,
    account: str = "AnaSol",
    stated: str | None = None,
    retweeted: str = "None",
    quoted: str = "None",
) -> str:
    """A row, of noon that many days after 1 March."""
    time = NOON + pd.Timedelta(days=day)
    number = snowflake(int(time.timestamp() * 1000) + 250)
    fields = [stated or f"{time}+00:00", account, text, *counts]
    fields += [f"https://twitter.com/{account}/status/{number}", retweeted, quoted]
    return "; ".join(map(str, fields))


def instagram(day: int, text: str = "Na praia", likes: object = 50, comments: object = 3) -> str:
    """A row without what parts it from the next."""
    time = NOON + pd.Timedelta(days=day)
    address = f"https://www.instagram.com/p/Cx_-{day:03d}/"
    return "; ".join(map(str, [f"{time}+00:00", "ana.sol", text, likes, comments, "", "", address]))


def write(
    folder: Path, content: str, platform: str = "twitter", person: str = "Ana_Sol", **where: object
) -> Path:
    below = Path(str(where.get("top", "data"))) / person / platform
    path = folder / below / f"{where.get('account', 'AnaSol')}-{platform}-2020.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    if where.get("packed"):
        path = path.with_name(f"{path.name}.gz")
        path.write_bytes(gzip.compress(content.encode()))
    else:
        path.write_text(content, encoding="utf-8", newline="")
    return path


def counts_of(raw: Raw) -> list[tuple[float, ...]]:
    return list(raw.frame[["likes", "replies", "retweets", "quotes"]].itertuples(index=False, name=None))


def test_both_yield_everything_that_their_cards_declare(tmp_path: Path) -> None:
    write(tmp_path, tweet(0))
    write(tmp_path, instagram(0), "instagram")
    for card in (TWEETS, POSTS):
        assert set(card.columns) | set(card.measured) <= set(read(card, tmp_path).frame)


# Rows


def test_the_order_of_the_counts_is_decided_for_each_file_and_told(tmp_path: Path) -> None:
    write(tmp_path, f"{tweet(0)}\n{tweet(1, counts=(3, 9, 1, 0))}\n")
    write(tmp_path, tweet(2, counts=LIKES_THIRD, account="BetoMar"), account="BetoMar", person="Beto_Mar")
    raw = read(TWEETS, tmp_path)
    assert counts_of(raw) == [(900, 20, 60, 4), (3, 9, 1, 0), (900, 20, 60, 4)]
    told = "order of the counts, by their sums: likes first in 1 files, likes third in 1 files"
    assert told in raw.report.notes


def test_a_file_whose_sums_decide_nothing_is_named(tmp_path: Path) -> None:
    write(tmp_path, tweet(0, counts=(0, 0, 0, 0)))
    note = read(TWEETS, tmp_path).report.notes[1]
    assert note.startswith("as many likes in either order") and "AnaSol-twitter-2020.txt" in note


@pytest.mark.parametrize("between", ["\n", " ", "\n\n", "\r\n", "\n[", " ["])
def test_a_file_is_cut_at_each_time_and_account_whatever_parts_its_rows(tmp_path: Path, between: str) -> None:
    write(tmp_path, between.join(tweet(day) for day in range(5)))
    frame = read(TWEETS, tmp_path).frame
    assert list(frame["source_row"]) == [1, 2, 3, 4, 5]
    assert set(frame["text"]) == {"Bom dia"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "None",
        "um; dois; três",
        "placar: ; 3; 2; 1; 0",
        "linha um\nlinha dois\r\n\nlinha quatro",
        "às 2020-03-01 12:00:00+00:00; eu dormia",
        "veja https://twitter.com/BetoMar/status/123; None; None, disse",
    ],
)
def test_a_text_may_hold_what_parts_fields_and_rows(tmp_path: Path, text: str) -> None:
    write(tmp_path, "\n".join([tweet(0), tweet(1, text), tweet(2)]))
    raw = read(TWEETS, tmp_path)
    # What a missing value is spelled like is one in every reader.
    assert list(raw.frame["text"]) == ["Bom dia", "" if text == "None" else text, "Bom dia"]
    assert counts_of(raw)[1] == LIKES_FIRST


@pytest.mark.parametrize("packed", [False, True])
def test_files_are_read_gzipped_and_plain(tmp_path: Path, packed: bool) -> None:
    write(tmp_path, tweet(0), packed=packed)
    assert list(read(TWEETS, tmp_path).frame["likes"]) == [900]


def test_a_file_that_is_there_in_both_ways_counts_once(tmp_path: Path) -> None:
    for packed in (False, True):
        write(tmp_path, tweet(0), packed=packed)
    raw = read(TWEETS, tmp_path)
    assert len(raw.frame) == 1
    assert dict(raw.report.dropped) == {"the same post once more": 1}


def test_a_row_cut_off_is_left_out_counted_and_named(tmp_path: Path) -> None:
    write(tmp_path, "\n".join(tweet(day) for day in range(4))[:-40])
    raw = read(TWEETS, tmp_path)
    assert len(raw.frame) == 3
    assert dict(raw.report.dropped) == {"not of the form of a row": 1}
    assert any("row 4 of data/Ana_Sol/twitter/AnaSol-twitter-2020.txt" in note for note in raw.report.notes)


def test_words_before_the_first_row_are_counted_and_named(tmp_path: Path) -> None:
    write(tmp_path, f"date; username; content\n{tweet(0)}")
    raw = read(TWEETS, tmp_path)
    assert len(raw.frame) == 1
    assert any("'date; username; content', before row 1" in note for note in raw.report.notes)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            "nothing of the kind",
            r"AnaSol-twitter-2020\.txt, row 1: no row `time; account; text; \.\.\.` in it",
        ),
        ("\n".join(tweet(day).replace("; 900;", "; many;") for day in range(3)), "3 of 3 rows do not read"),
        (tweet(0)[:-40], "1 of 1 rows do not read"),
        (re.sub(r"status/\d+", "status/9999999999999999999", tweet(0)), "not a tweet id"),
        (tweet(0, stated="2020-13-41 12:00:00+00:00"), "column 'time', value '2020-13-41 12:00:00"),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_path(tmp_path: Path, content: str, told: str) -> None:
    write(tmp_path, content)
    with pytest.raises(DataError, match=told) as refused:
        read(TWEETS, tmp_path)
    assert "data/Ana_Sol/twitter/AnaSol-twitter-2020.txt" in str(refused.value)


@pytest.mark.parametrize("card", [TWEETS, POSTS], ids=lambda card: card.name)
def test_a_folder_without_such_files_is_refused_with_what_was_looked_for(
    tmp_path: Path, card: object
) -> None:
    (tmp_path / "posts.csv").write_text("id\n1\n")
    with pytest.raises(DataError, match=r"no file data/<person>/\w+/<account>-\w+-2020\.txt here"):
        read(card, tmp_path)  # type: ignore[arg-type]


def test_a_damaged_gzip_is_refused_with_its_path(tmp_path: Path) -> None:
    path = write(tmp_path, "\n".join(tweet(day) for day in range(40)), packed=True)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match=r"AnaSol-twitter-2020\.txt\.gz: cannot be unpacked"):
        read(TWEETS, tmp_path)


def test_a_gzip_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.readers.influencers.files._LARGEST", 100)
    write(tmp_path, tweet(0), packed=True)
    with pytest.raises(DataError, match="unpacks to more than 100 bytes"):
        read(TWEETS, tmp_path)


def test_an_empty_file_is_an_account_without_posts(tmp_path: Path) -> None:
    write(tmp_path, tweet(0))
    write(tmp_path, "\n", account="BetoMar", person="Beto_Mar")
    raw = read(TWEETS, tmp_path)
    assert len(raw.frame) == 1
    assert "data/Beto_Mar/twitter/BetoMar-twitter-2020.txt: no post in it" in raw.report.notes


def test_bytes_that_are_no_utf8_are_replaced_and_noted(tmp_path: Path) -> None:
    path = write(tmp_path, tweet(0, "cafe?"))
    path.write_bytes(path.read_bytes().replace(b"cafe?", b"caf\xe9"))
    raw = read(TWEETS, tmp_path)
    assert raw.frame["text"].iloc[0] == "caf�"
    assert any("1 unreadable characters replaced" in note for note in raw.report.notes)


def test_other_years_and_other_files_are_no_posts_of_this_set(tmp_path: Path) -> None:
    path = write(tmp_path, tweet(0))
    path.with_name("AnaSol-twitter-2019.txt").write_text(tweet(-300))
    (tmp_path / "camps.csv").write_text("folder,camp\nAna_Sol,x\n")
    raw = read(TWEETS, tmp_path)
    assert len(raw.frame) == 1
    assert any("1 files beside those of 2020 are not read" in note for note in raw.report.notes)


# Whose post, and when


def test_a_person_and_a_country_are_those_of_the_folders(tmp_path: Path) -> None:
    write(tmp_path, tweet(0))
    write(tmp_path, tweet(1, account="LuzMx"), top="data-mx", person="Luz_Mx", account="LuzMx")
    write(tmp_path, instagram(0), "instagram")
    write(tmp_path, instagram(1), "instagram", person="Beto_Mar/Beto_Mar", account="beto")
    tweets, posts = read(TWEETS, tmp_path), read(POSTS, tmp_path)
    assert list(tweets.frame["person"]) == ["Ana_Sol", "Luz_Mx"]
    assert list(tweets.frame["country"]) == ["br", "mx"]
    assert list(posts.frame["person"]) == ["Ana_Sol", "Beto_Mar"]
    assert tweets.report.rows == {"1 files of data": 1, "1 files of data-mx": 1}


@pytest.mark.parametrize(("hours", "told"), [(0, "UTC in 1 files"), (-3, "UTC-3 in 1 files")])
def test_the_time_is_the_ids_and_the_zone_of_the_stated_one_is_told(
    tmp_path: Path, hours: int, told: str
) -> None:
    stated = [f"{NOON + pd.Timedelta(days=day, hours=hours)}+00:00" for day in range(3)]
    write(tmp_path, "\n".join(tweet(day, stated=stated[day]) for day in range(3)))
    raw = read(TWEETS, tmp_path)
    assert raw.frame["time"].iloc[0] == NOON + pd.Timedelta(milliseconds=250)
    assert f"zone of the stated times, by the tweet ids: {told}" in raw.report.notes


def test_a_single_time_that_is_not_the_ids_is_counted_with_its_place(tmp_path: Path) -> None:
    rows = [tweet(day) for day in range(3)] + [tweet(3, stated="2020-03-04 10:00:00+00:00")]
    write(tmp_path, "\n".join(rows))
    notes = read(TWEETS, tmp_path).report.notes
    assert any(note.startswith("1 stated times are another's") and note.endswith("row 4") for note in notes)


def test_what_is_younger_than_three_days_at_the_end_of_its_own_file_has_not_settled(tmp_path: Path) -> None:
    write(tmp_path, "\n".join(tweet(day) for day in (9, 8, 6, 5)))
    write(tmp_path, tweet(60, account="BetoMar"), account="BetoMar", person="Beto_Mar")
    frame = read(TWEETS, tmp_path).frame.set_index("time")["is_settled"].sort_index()
    assert list(frame) == [True, True, False, False, False]


def test_a_post_of_a_folder_that_holds_itself_counts_once_as_of_the_file_that_goes_on_longest(
    tmp_path: Path,
) -> None:
    write(tmp_path, "\n".join([tweet(9), tweet(1, counts=(950, 22, 61, 4))]))
    write(tmp_path, "\n".join([tweet(2), tweet(1)]), person="Ana_Sol/Ana_Sol")
    raw = read(TWEETS, tmp_path)
    assert sorted(raw.frame["likes"]) == [900, 900, 950]
    assert set(raw.frame["person"]) == {"Ana_Sol"}
    assert dict(raw.report.dropped) == {"the same post once more": 1}


# What a post is


def test_accounts_are_one_in_any_case(tmp_path: Path) -> None:
    quoted = "https://twitter.com/ANASOL/status/1"
    write(tmp_path, "\n".join([tweet(0), tweet(1, "@anaSol e @ANASOL: sim", quoted=quoted)]))
    last = read(TWEETS, tmp_path).frame.iloc[1]
    assert [last[name] for name in ("user_id", "mentions", "reply_to", "quoted_user")] == ["anasol"] * 4


def test_a_reply_starts_with_an_at_sign_and_names_its_account_first(tmp_path: Path) -> None:
    texts = ["@beto_mar @LuzMx concordo", ".@beto_mar não", "Com @LuzMx.Hoje", "ana@exemplo.br x.com/@ana"]
    write(tmp_path, "\n".join(tweet(day, text) for day, text in enumerate(texts)))
    frame = read(TWEETS, tmp_path).frame
    assert list(frame["is_reply"]) == [True, False, False, False]
    assert list(frame["reply_to"]) == ["beto_mar", "", "", ""]
    assert list(frame["mentions"]) == ["beto_mar luzmx", "beto_mar", "luzmx", ""]


def test_retweets_proper_are_dropped_and_those_written_by_hand_are_flagged(tmp_path: Path) -> None:
    rows = [
        tweet(0),
        tweet(1, "RT @BetoMar: Bom dia"),
        tweet(2, retweeted="https://twitter.com/BetoMar/status/5"),
    ]
    write(tmp_path, "\n".join(rows))
    raw = read(TWEETS, tmp_path)
    assert list(raw.frame["is_retweet"]) == [False, True]
    assert dict(raw.report.dropped) == {"retweet of another account": 1}


def test_hashtags_and_links_are_found_in_the_text(tmp_path: Path) -> None:
    text = "#Eleições2020 é hoje! #SP, #eleições2020 nº #1 https://t.co/aB1 e https://t.co/cD2"
    write(tmp_path, tweet(0, text))
    row = read(TWEETS, tmp_path).frame.iloc[0]
    assert (row["hashtags"], row["n_urls"]) == ("eleições2020 sp", 2)


# Instagram


@pytest.mark.parametrize(("start", "between"), [("", " ["), ("[", " ["), ("", "\n"), ("", "\n[")])
def test_instagram_posts_are_parted_by_brackets_or_newlines(tmp_path: Path, start: str, between: str) -> None:
    texts = ["Na praia", "sol; mar; 3; 4", "com @Beto.Mar. e\n#Verão", "[fim]"]
    write(tmp_path, start + between.join(instagram(day, text) for day, text in enumerate(texts)), "instagram")
    frame = read(POSTS, tmp_path).frame
    assert list(frame["text"]) == texts
    assert list(frame["post_id"]) == [f"Cx_-{day:03d}" for day in range(4)]
    assert (frame["mentions"].iloc[2], frame["hashtags"].iloc[2]) == ("beto.mar", "verão")
    assert set(frame["likes"]) == {50}


def test_an_instagram_count_that_is_empty_is_no_label(tmp_path: Path) -> None:
    write(tmp_path, " [".join([instagram(0), instagram(1, likes=""), instagram(2, comments="")]), "instagram")
    frame = read(POSTS, tmp_path).frame
    assert list(frame["likes"].isna()) == [False, True, False]
    assert list(frame["comments"].isna()) == [False, False, True]


# The real files

real = pytest.mark.skipif(not REAL_FOLDER.is_dir(), reason=f"no real data in {REAL_FOLDER}")


@pytest.fixture(scope="module")
def tweets() -> Raw:
    return read(TWEETS, REAL_FOLDER)


@real
@pytest.mark.slow
def test_the_real_tweets_are_all_read(tweets: Raw) -> None:
    frame = tweets.frame
    assert (len(frame), frame["user_id"].nunique(), frame["person"].nunique()) == (497_620, 153, 152)
    assert not tweets.report.dropped
    told = "order of the counts, by their sums: likes first in 42 files, likes third in 111 files"
    assert {told, "zone of the stated times, by the tweet ids: UTC in 153 files"} <= set(tweets.report.notes)
    assert np.isfinite(frame[[*TWEETS.measured]]).all(axis=None)


@real
@pytest.mark.slow
def test_the_real_tweets_are_cut_into_as_many_as_were_published(tweets: Raw) -> None:
    frame = tweets.frame
    asked = frame[~frame["is_reply"].astype(bool) & frame["is_settled"]]
    cut_off = pd.Timestamp("2020-07-01")
    fitted, tested = asked["time"] < cut_off - pd.Timedelta(days=3), asked["time"] >= cut_off
    assert (fitted.sum(), tested.sum(), asked["user_id"].nunique()) == (164_687, 135_763, 152)
    newest = asked.nlargest(20_000, "time")
    tested = newest["time"] >= pd.Timestamp("2020-12-01")
    assert (tested.sum(), newest[tested]["user_id"].nunique()) == (6_365, 131)


@real
@pytest.mark.slow
def test_ten_real_tweets_have_the_counts_of_their_files(tweets: Raw) -> None:
    chosen = tweets.frame.iloc[np.linspace(0, len(tweets.frame) - 1, 10).astype(int)]
    for row in chosen.itertuples():
        text = gzip.decompress((REAL_FOLDER / row.source_file).read_bytes()).decode()
        found = re.findall(r"(\d+); (\d+); (\d+); (\d+); https://twitter.com/\w+/status/(\d+); None; ", text)
        likes_at = int(np.array(found, dtype=np.int64)[:, :4].sum(axis=0).argmax())
        (counts,) = [[int(one) for one in counts] for *counts, number in found if number == row.post_id]
        replies_at, retweets_at = (1, 2) if likes_at == 0 else (0, 1)
        assert row.likes == counts[likes_at]
        assert (row.replies, row.retweets, row.quotes) == (counts[replies_at], counts[retweets_at], counts[3])
        assert f"{row.time:%Y-%m-%d %H:%M:%S}+00:00; " in text
        assert row.text in text


@real
@pytest.mark.slow
def test_the_real_instagram_posts_are_read_once_each() -> None:
    raw = read(POSTS, REAL_FOLDER)
    frame = raw.frame
    assert (len(frame), frame["user_id"].nunique()) == (32_614, 72)
    assert dict(raw.report.dropped) == {"the same post once more": 915}
    assert (frame["time"] >= "2021").sum() == 443
    settled = frame[frame["is_settled"]]
    tested = settled[settled["time"] >= "2020-07-01"]
    assert ((settled["time"] < "2020-06-28").sum(), len(tested)) == (15_329, 16_670)
    assert tested["user_id"].nunique() == 71
    row = frame.iloc[12_345]
    text = gzip.decompress((REAL_FOLDER / row["source_file"]).read_bytes()).decode()
    found = re.search(rf"; (\d+); (\d+); ; ; https://www.instagram.com/p/{row['post_id']}/", text)
    assert found and (row["likes"], row["comments"]) == (int(found[1]), int(found[2]))
