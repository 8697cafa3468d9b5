"""Posts of several files, posts that were read several times, and facts beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError
from raw_tables import HEADER, LINES, card, frame_of, put

from benchmark.declared.card import Card
from benchmark.errors import DataError
from benchmark.readers import read

# Several files to a post


def joined(**join: Any) -> dict[str, Any]:
    return {"files": "posts.csv", "joined": {"users": {"files": "users.csv", **join}}}


FOLLOWERS = {"followers": {"role": "numeric", "source": "users.followers", "availability": "crawl"}}


def test_a_file_is_joined_by_a_key(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"posts.csv": HEADER + LINES, "users.csv": "name,followers\nbob,7\n"}
    raw = read(card(joined(on="who", key="name"), FOLLOWERS), put(tmp_path, files))
    assert pd.isna(raw.frame["followers"]).tolist() == [True, False]
    assert raw.frame["followers"].tolist()[1] == 7.0
    assert "users: 1 of 2 posts have no match there" in raw.report.notes


def test_a_key_of_two_rows_that_differ_is_refused(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "posts.csv": HEADER + LINES,
        "users.csv": "who,followers\nbob,7\nbob,8\n",
    }
    with pytest.raises(DataError, match=r"users\.csv, row 3, column 'who', value 'bob': two rows"):
        read(card(joined(on="who"), FOLLOWERS), put(tmp_path, files))


def test_a_file_in_the_same_order_is_joined_row_by_row(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"posts.csv": HEADER + LINES, "users.csv": "followers\n7\n8\n"}
    asked = card(joined(aligned=True), FOLLOWERS)
    assert frame_of(asked, tmp_path / "a", files)["followers"].tolist() == [7.0, 8.0]
    for rows in ("7\n", "7\n8\n9\n"):
        with pytest.raises(DataError, match="they cannot stand in the same order"):
            frame_of(asked, tmp_path / "b", files | {"users.csv": "followers\n" + rows})


# Rows of one post, read at several moments

READINGS = """id,who,at,likes,read
a,ann,2021-03-01T00:00:00Z,10,2021-03-02T00:00:00Z
b,bob,2021-03-01T00:00:00Z,5,2021-03-01T06:00:00Z
a,ann,2021-03-01T00:00:00Z,40,2021-03-04T00:00:00Z
a,ann,2021-03-01T00:00:00Z,1,2021-03-01T12:00:00Z
"""


def readings(repeated: str, target: dict[str, Any] | None = None, **more: Any) -> Card:
    layout: dict[str, Any] = {"repeated": repeated, "read_at": {"source": "read"}, **more}
    columns = {"age": {"role": "numeric", "since": {"source": "at"}}}
    return card(layout, columns, targets={"likes": target or {}})


def labels(found: pd.DataFrame) -> dict[str, float]:
    return dict(zip(found["post_id"], found["likes"].round(6), strict=True))


@pytest.mark.parametrize(("repeated", "likes", "age"), [("first", 1.0, 0.5), ("last", 40.0, 3.0)])
def test_the_first_or_the_last_reading_is_the_label(
    tmp_path: Path, repeated: str, likes: float, age: float
) -> None:
    found = frame_of(readings(repeated), tmp_path, {"a.csv": READINGS})
    assert labels(found) == {"a": likes, "b": 5.0}
    assert found.set_index("post_id")["age"].to_dict() == {"a": age, "b": 0.25}


def test_a_count_at_an_age_lies_between_the_readings_on_either_side(tmp_path: Path) -> None:
    asked = readings("readings", {"scale": "log1p", "readings": {"age_hours": 48}})
    found = labels(frame_of(asked, tmp_path, {"a.csv": READINGS}))
    assert found["a"] == pytest.approx((11 * 41) ** 0.5 - 1)  # halfway from 24 h to 72 h
    assert pd.isna(found["b"])


def test_a_reading_made_after_a_label_is_taken_to_be_known_tells_nothing(tmp_path: Path) -> None:
    late = readings("readings", {"scale": "log1p", "readings": {"age_hours": 48, "within_hours": 71}})
    assert pd.isna(labels(frame_of(late, tmp_path, {"a.csv": READINGS}))["a"])
    just = readings("readings", {"scale": "log1p", "readings": {"age_hours": 48, "within_hours": 72}})
    assert labels(frame_of(just, tmp_path, {"a.csv": READINGS}))["a"] == pytest.approx((11 * 41) ** 0.5 - 1)


def test_labels_are_taken_to_be_known_no_earlier_than_the_readings_that_tell_them() -> None:
    protocols = {"rolling": {"test_fraction": 0.5, "reveal_days": 2}}
    tasks = [{"name": "t", "targets": ["likes"], "protocols": protocols}]
    layout = {"repeated": "readings", "read_at": {"source": "read"}}
    targets = {"likes": {"readings": {"age_hours": 24, "within_hours": 72}}}
    with pytest.raises(ValidationError, match="up to 72 hours, and are taken to be known after 2 days"):
        card(layout, targets=targets, tasks=tasks)


def test_growth_is_measured_from_the_first_reading(tmp_path: Path) -> None:
    import math

    def growth(**asked: Any) -> float:
        return labels(frame_of(readings("readings", {"readings": asked}), tmp_path, {"a.csv": READINGS}))["a"]

    assert growth(growth_hours=12) == pytest.approx(math.log(11 / 2), abs=1e-5)
    assert growth(growth_to="next") == pytest.approx(math.log(11 / 2), abs=1e-5)
    assert growth(growth_to="last") == pytest.approx(math.log(41 / 2), abs=1e-5)
    assert growth(growth_to="last", per_age=True) == pytest.approx(math.log(41 / 2) / math.log(6), abs=1e-5)
    assert pd.isna(growth(growth_hours=61))
    later = math.log(41 / 2) + math.log(41 / 11) / 48
    assert growth(growth_hours=61, slack_hours=1) == pytest.approx(later, abs=1e-5)


def test_rows_that_share_an_id_are_refused_with_what_the_card_can_say(tmp_path: Path) -> None:
    from benchmark.data.prepare import prepare

    put(tmp_path / "roots" / "raw", {"a.csv": READINGS})
    asked = card(columns={"read": {"role": "text"}})
    with pytest.raises(
        DataError, match=r"3 rows share 1 ids.*repeated = \"first\", \"last\" or \"readings\""
    ):
        prepare(asked, tmp_path / "home", [tmp_path / "roots"])


# Facts are read by the same words


def test_facts_are_laid_out_as_posts_may_be_and_may_lie_with_another_set(tmp_path: Path) -> None:
    from benchmark.data.prepare import prepare

    facts = {
        "talk": {
            "raw": "{place}/*.txt",
            "beside": ["absent", "elsewhere"],
            "delimiter": "|",
            "names": ["said", "score"],
            "columns": {
                "known_at": {"role": "known_at", "source": "said", "format": "%d.%m.%Y"},
                "place": {"role": "categorical"},
                "score": {"role": "numeric", "format": "people"},
            },
        }
    }
    put(tmp_path / "roots" / "raw", {"a.csv": HEADER + LINES})
    put(
        tmp_path / "roots" / "elsewhere",
        {"pub/one.txt": "28.02.2021|1.5K\n", "bar/two.txt": "27.02.2021|3\n"},
    )
    prepared = prepare(card(facts=facts), tmp_path / "home", [tmp_path / "roots"])
    table = prepared.facts("talk").to_pydict()
    assert (table["place"], table["score"]) == (["bar", "pub"], [3.0, 1500.0])
