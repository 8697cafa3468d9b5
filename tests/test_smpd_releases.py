"""The image track in each form in which it has been handed on: the same posts come out of all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from generated import generate
from raw_layouts import ROOT, SmpdImage
from smpd_releases import IN_ONE_FILE, bare, parts, row_of, write_2018, write_2019, write_own
from smpd_rows import CARD, ORDER, POST, WRITERS, one_file, posts_of, read_from, read_post

from benchmark.errors import DataError
from benchmark.readers.raw import ROW


def small(folder: Path, posts: int = 12) -> Path:
    """A few posts of both splits as JSON."""
    SmpdImage("train", posts).write(folder)
    SmpdImage("test", 5, first_pid=9000).write(folder)
    return folder


def same(found: pd.DataFrame, expected: pd.DataFrame, lacking: set[str]) -> None:
    """All columns of the card alike, but for those that the release lacks, which are null."""
    assert len(found) == len(expected)
    for name in [*CARD.columns, *CARD.measured]:
        if name in lacking:
            assert found[name].isna().all(), name
        elif name == "popularity":
            np.testing.assert_allclose(found[name], expected[name], atol=0.0051, err_msg=name)
        elif name.endswith("_description"):
            for one, other in zip(found[name], expected[name], strict=True):
                assert np.array_equal(one, other) if other is not None else one is None
        else:
            pd.testing.assert_series_equal(found[name], expected[name])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's posts, fewer of them."""
    out = tmp_path_factory.mktemp("demo") / "raw"
    return generate("demo_flickr", out, "--posts", "300", "--no-images")


@pytest.mark.slow
@pytest.mark.parametrize("release", WRITERS)
def test_every_release_gives_the_posts_of_the_json_files(tmp_path: Path, demo: Path, release: str) -> None:
    write, options, lacking = WRITERS[release]
    found = posts_of(write(parts(demo), tmp_path / "raw", **options))
    expected = posts_of(demo)
    assert expected["latitude"].notna().any()
    if release == "own":
        lacking = set()
        expected["image"] = found["image"]  # The test split has other folders; here all are `extra`.
    same(found, expected, lacking)


@pytest.mark.slow
@pytest.mark.parametrize("write", [write_2018, write_2019])
def test_it_does_not_matter_how_many_rows_are_held_at_a_time(
    tmp_path: Path, demo: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[..., Path]
) -> None:
    raw = write(parts(demo), tmp_path / "raw", header=True)
    at_once = posts_of(raw)
    monkeypatch.setattr("benchmark.readers.smpd_image.quoted._AT_ONCE", 7)
    same(posts_of(raw), at_once, set())


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace('" "', '"\t"'),
        lambda text: text.replace('" "', '"   "'),
        lambda text: text + "\n\n",
        lambda text: IN_ONE_FILE.upper() + "\n" + text,
        lambda text: bare(IN_ONE_FILE.replace(" ", '" "')) + "\n" + text,
        lambda text: text.replace('"59@N75" "775" "Fashion"', "59@N75 775 Fashion"),
    ],
)
def test_line_ends_marks_tabs_and_headers_change_nothing(
    tmp_path: Path, change: Callable[[str], str]
) -> None:
    row = row_of(POST, ORDER, bare)
    expected = read_post(tmp_path / "plain", row).drop(ROW)
    folder = one_file(tmp_path / "other", row)
    path = folder / "train_data.txt"
    path.write_bytes(change(path.read_text()).encode())
    pd.testing.assert_series_equal(read_from(folder).frame.iloc[0].drop(ROW), expected)


def test_a_header_may_give_the_fields_in_another_order(tmp_path: Path) -> None:
    order = [*ORDER[:12], "longitude", "latitude", "geoaccuracy"]
    folder = one_file(tmp_path, " ".join(order), row_of(POST, order, bare), labels="1.5\n")
    found = read_from(folder).frame.iloc[0]
    assert (found["latitude"], found["longitude"], found["popularity"]) == (38.1, -94.48068, 1.5)


def test_a_row_number_is_that_of_the_line_with_the_header(tmp_path: Path) -> None:
    rows = [
        row_of({**POST, "pid": str(i), "postdate": date}, ORDER, bare)
        for i, date in enumerate(["1425168000", "None"])
    ]
    with pytest.raises(DataError, match=r"train_data\.txt, row 3, column 'Postdate', value 'None'"):
        read_from(one_file(tmp_path, IN_ONE_FILE, *rows, labels="1\n2\n"))


@pytest.mark.slow
@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\r\n\r\n"])
@pytest.mark.parametrize("header", ["", "Popularityscore\n", '"popularity_score"\n'])
def test_blank_lines_at_the_end_of_the_labels_and_a_header_are_no_labels(
    tmp_path: Path, end: str, header: str
) -> None:
    data = SmpdImage(posts=4)
    path = data.write(tmp_path) / "train_allmetadata_json" / "train_label.txt"
    path.write_text(header + "\n".join(data.labels) + end)
    assert list(read_from(tmp_path).frame["popularity"]) == [float(label) for label in data.labels]


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ("1\n2\n", r"row 3: 2 rows, but train_data\.txt has 3"),
        ("1\n2\n3\n4\n", r"row 4: 4 rows, but train_data\.txt has 3"),
        ("Popularityscore\n1\n2\n", r"row 4: 2 rows, but train_data\.txt has 3"),
        ("1\n\n3\n", r"row 2, column 'popularity', value '': a label is missing"),
        ("Popularityscore\n1\nNone\n3\n", r"row 3, column 'popularity', value 'None': a label is missing"),
    ],
)
def test_labels_that_do_not_answer_the_posts_are_refused(tmp_path: Path, labels: str, problem: str) -> None:
    rows = [row_of({**POST, "pid": str(i)}, ORDER, bare) for i in range(3)]
    with pytest.raises(DataError, match=rf"train_label\.txt, {problem}"):
        read_from(one_file(tmp_path, *rows, labels=labels))


def test_a_repeated_row_is_the_callers_to_drop(tmp_path: Path) -> None:
    row = row_of(POST, ORDER, bare)
    assert list(read_from(one_file(tmp_path, row, row)).frame["post_id"]) == ["775", "775"]


def test_two_releases_in_one_folder_are_refused_by_name(tmp_path: Path) -> None:
    small(tmp_path)
    one_file(tmp_path / "older", row_of(POST, ORDER, bare))
    with pytest.raises(
        DataError, match=r"JSON, since 2021 \(train_allm.* one file, 2017/2018 \(older/train_data"
    ):
        read_from(tmp_path)


def test_the_same_split_in_two_places_is_refused(tmp_path: Path) -> None:
    small(tmp_path)
    SmpdImage().write(tmp_path / "copy")
    with pytest.raises(DataError, match=r"two places: train_allmetadata_json/train_cat.* and copy/train_all"):
        read_from(tmp_path)


def test_a_folder_without_a_release_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"no train_category\.json .*train_category\.txt, train_data\.txt, extra_cat"
    ):
        read_from(tmp_path)


@pytest.mark.parametrize(
    "lines",
    [
        ["+01:00", "None", "-08:00"],
        ['"+01:00" "Paris, Madrid"', '"None" "None"', '"-08:00" "Pacific Time (US & Canada); Tijuana"'],
        ["timezone_id timezone_offset", '"Paris, Madrid" "+01:00"', '"None" "None"', '"Tijuana" "-08:00"'],
        ['"0" "+01:00"', '"1" "None"', '"2" "-08:00"', ""],
        ["59@N75\t0\t+01:00\tParis", "59@N75\t1\tNone\tNone", "59@N75\t2\t-08:00\tTijuana"],
    ],
)
def test_time_zones_are_read_from_a_file_of_their_own(tmp_path: Path, lines: list[str]) -> None:
    folder = one_file(tmp_path, *(row_of({**POST, "pid": str(i)}, ORDER, bare) for i in range(3)))
    (folder / "train_time_zone.txt").write_text("\n".join(lines))
    frame = read_from(folder).frame
    assert frame["timezone_offset"].fillna(99).tolist() == [1, 99, -8]
    if "Paris" in lines[1] + lines[0]:
        assert frame["timezone_id"].str[:5].fillna("").tolist()[:2] == ["Paris", ""]


def test_a_macs_shadow_of_a_file_is_no_file(tmp_path: Path) -> None:
    folder = write_2018(parts(small(tmp_path / "json")), tmp_path / "raw")
    for path in list(folder.glob("*.txt")):
        (folder / f"._{path.name}").write_bytes(b"\x00\x05\x16\x07")
    assert len(read_from(folder).frame) == 17


def test_two_files_that_might_hold_the_time_zones_are_refused(tmp_path: Path) -> None:
    folder = one_file(tmp_path, row_of(POST, ORDER, bare))
    for name in ("train_time_zone.txt", "train_timezones.txt"):
        (folder / name).write_text("+01:00\n")
    with pytest.raises(DataError, match=r"train_time_zone\.txt and train_timezones\.txt may both be meant"):
        read_from(folder)


def test_time_zones_that_are_whole_numbers_are_no_posts(tmp_path: Path) -> None:
    folder = one_file(tmp_path, *(row_of({**POST, "pid": str(i)}, ORDER, bare) for i in range(3)))
    (folder / "train_timezone.txt").write_text("1\n5\n5\n")
    assert read_from(folder).frame["timezone_offset"].tolist() == [1, 5, 5]


def test_time_zones_of_other_posts_are_refused(tmp_path: Path) -> None:
    folder = one_file(tmp_path, *(row_of({**POST, "pid": str(i)}, ORDER, bare) for i in range(3)))
    (folder / "train_timezone.txt").write_text('"0" "+01:00"\n"2" "None"\n"1" "-08:00"\n')
    with pytest.raises(DataError, match=r"train_timezone\.txt, row 2, column 'Pid', value '2'.*has '1'"):
        read_from(folder)


def test_addresses_are_no_images_but_images_that_lie_there_are_found(tmp_path: Path) -> None:
    folder = write_2019(parts(small(tmp_path / "json")), tmp_path / "raw")
    raw = read_from(folder)
    assert raw.frame["image"].isna().all()
    assert any("addresses and no files" in note for note in raw.report.notes)
    image = folder / "train" / "0@N75" / "700.jpg"
    image.parent.mkdir(parents=True)
    image.write_bytes(b"jpeg")
    assert read_from(folder).frame["image"].iloc[0] == "train/0@N75/700.jpg"


def test_what_a_release_lacks_is_noted(tmp_path: Path) -> None:
    notes = read_from(one_file(tmp_path, row_of(POST, ORDER, bare))).report.notes
    assert any("2017/2018" in note for note in notes)
    assert any("train_timezone.txt" in note for note in notes)
    assert any("no image paths" in note for note in notes)


def test_bytes_that_are_no_utf8_are_noted_and_stop_nothing(tmp_path: Path) -> None:
    folder = one_file(tmp_path, row_of({**POST, "title": "caf\xe9"}, ORDER, bare))
    path = folder / "train_data.txt"
    path.write_bytes(path.read_text().encode("cp1252"))
    raw = read_from(folder)
    assert raw.frame["title"].iloc[0].startswith("caf")
    assert any(note.startswith("train_data.txt: ") for note in raw.report.notes)


def test_keys_and_headers_count_in_any_case(tmp_path: Path) -> None:
    data = SmpdImage()
    data.text = [{key.upper(): value for key, value in row.items()} for row in data.text]
    data.user = {key.title(): value for key, value in data.user.items()}
    found = read_from(data.write(tmp_path / "shouted")).frame
    expected = read_from(SmpdImage().write(tmp_path / "written")).frame
    assert found.drop(columns="user_description").equals(expected.drop(columns="user_description"))


def test_a_header_may_spell_title_as_the_owner_once_did(tmp_path: Path) -> None:
    header = IN_ONE_FILE.replace("title", "Tile")
    folder = one_file(tmp_path, header, row_of({**POST, "title": 'say "hi"'}, ORDER, bare), labels="1\n")
    assert read_from(folder).frame["title"].tolist() == ['say "hi"']


def test_the_collection_of_the_documentation_is_read(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "smpd.md").read_text(encoding="utf-8")
    lines = page.split("my_flickr/\n")[1].split("```")[0].splitlines()
    for name, *content in (line.split(maxsplit=1) for line in lines):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content[0] if content else "jpeg")
    post = read_from(tmp_path).frame.iloc[0]
    assert (post["category"], post["title"], post["photo_count"]) == ("Food", "Soup", 120)
    assert post["popularity"] == pytest.approx(np.log2(131))
    assert post["image"] == "images/59@N75/775.jpg"


class TestOwn:
    """A collection of one's own: log(1 + views) becomes the owner's log2(views + 1)."""

    def folder(self, tmp_path: Path) -> Path:
        return write_own(parts(small(tmp_path / "json")), tmp_path / "raw")

    def rows(self, path: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in path.read_text().splitlines()]

    def write(self, path: Path, rows: list[dict[str, Any]]) -> None:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def test_a_post_too_young_for_a_label_has_none(self, tmp_path: Path) -> None:
        raw = read_from(self.folder(tmp_path))
        assert raw.frame["popularity"].isna().tolist() == [False] * 12 + [True] * 5
        assert any("5 posts without a label" in note for note in raw.report.notes)
        assert raw.frame["post_age_days"].tolist() == [400.0] * 12 + [1.0] * 5

    def test_labels_that_contradict_the_views_are_counted(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        rows = self.rows(folder / "extra_pseudo_label.jsonl")
        rows[2] |= {"views": 1023, "pseudo_label": 3.0}
        self.write(folder / "extra_pseudo_label.jsonl", rows)
        raw = read_from(folder)
        assert raw.frame["popularity"].iloc[2] == pytest.approx(10)
        assert any("1 labels are not log(1 + views)" in note for note in raw.report.notes)

    def test_a_label_without_views_is_turned_into_one_to_the_base_of_two(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        rows = [
            {"Pid": row["Pid"], "PseudoLogViewScore": np.log(16)}
            for row in self.rows(folder / "extra_text.jsonl")
        ]
        self.write(folder / "extra_pseudo_label.jsonl", rows)
        assert read_from(folder).frame["popularity"].tolist() == pytest.approx([4] * 17)

    def test_views_below_nothing_are_refused(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        rows = self.rows(folder / "extra_pseudo_label.jsonl")
        rows[3]["views"] = -1
        self.write(folder / "extra_pseudo_label.jsonl", rows)
        with pytest.raises(DataError, match=r"extra_pseudo_label\.jsonl, row 4, column 'views'"):
            read_from(folder)

    def test_user_data_may_have_a_row_a_user(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        rows = [
            {"Uid": f"{i}@N75", "photo_count": 10 * i, "user_description": "I like trains"} for i in range(6)
        ]
        self.write(folder / "extra_user_data.jsonl", rows)
        raw = read_from(folder)
        counts = raw.frame.drop_duplicates("user_id").set_index("user_id")["photo_count"]
        assert counts.sort_index().fillna(-1).tolist() == [0, 10, 20, 30, 40, 50, -1]
        assert raw.frame["user_description"].isna().all()
        for told in ("1 posts have no row of their user", "words, no vectors", "photo_firstdate, ispro"):
            assert any(told in note for note in raw.report.notes), told

    def test_two_rows_of_one_user_that_differ_are_refused(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        self.write(folder / "extra_user_data.jsonl", [{"Uid": "0@N75", "photo_count": i} for i in range(2)])
        with pytest.raises(
            DataError, match=r"extra_user_data\.jsonl, row 2, column 'photo_count', value 1: row 1"
        ):
            read_from(folder)

    def test_user_data_aliases_and_images_may_be_missing(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        for name in ("user_data.jsonl", "additional_information.jsonl", "img_filepath.txt"):
            (folder / f"extra_{name}").unlink()
        raw = read_from(folder)
        assert raw.frame[["photo_count", "path_alias", "image"]].isna().all(axis=None)
        for told in ("no user data", "no path aliases", "no image paths"):
            assert any(told in note for note in raw.report.notes), told

    def test_a_missing_group_is_named(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        (folder / "extra_text.jsonl").unlink()
        with pytest.raises(DataError, match=r"extra_text\.jsonl or extra_tags\.jsonl is missing"):
            read_from(folder)

    def test_rows_in_another_order_are_refused(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        rows = self.rows(folder / "extra_pseudo_label.jsonl")
        self.write(folder / "extra_pseudo_label.jsonl", rows[::-1])
        with pytest.raises(
            DataError, match=r"extra_pseudo_label\.jsonl, row 1, column 'Uid'.*extra_category\.jsonl has"
        ):
            read_from(folder)

    def test_images_are_found_below_images(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        image = folder / "images" / "train" / "0@N75" / "700.jpg"
        image.parent.mkdir(parents=True)
        image.write_bytes(b"jpeg")
        assert read_from(folder).frame["image"].iloc[0] == "images/train/0@N75/700.jpg"
