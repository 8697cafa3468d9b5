"""Which files a card names, and how their lines are cut and their letters written."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest
from raw_tables import HEADER, LINES, card, frame_of, put

from benchmark.errors import DataError
from benchmark.readers import read

# Which files


def test_parts_of_a_path_are_columns(tmp_path: Path) -> None:
    columns = {"user_id": {"role": "user", "source": "user"}, "country": {"role": "categorical"}}
    rows = "id,at,likes\nID,2021-03-01T12:00:00Z,3\n"
    files: dict[str, str | bytes] = {
        "country=US/year=2020/ann_2020.csv": rows.replace("ID", "a"),
        "country=BR/year=2020/bob_2020.csv": rows.replace("ID", "b"),
        "country=BR/year=2020/notes.md": "no posts",
    }
    found = frame_of(card({"files": "country={country}/**/{user}_2020.csv"}, columns), tmp_path, files)
    assert dict(zip(found["post_id"], found["user_id"], strict=True)) == {"a": "ann", "b": "bob"}
    assert dict(zip(found["post_id"], found["country"], strict=True)) == {"a": "US", "b": "BR"}


def test_what_a_mac_and_office_leave_beside_data_is_passed_over(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "posts.csv": HEADER + LINES,
        "._posts.csv": b"\x00\x05\x16\x07Mac OS X",
        "~$posts.csv": b"\x05user",
        ".hidden.csv": "x",
        ".DS_Store": b"\x00",
    }
    assert len(frame_of(card(), tmp_path, files)) == 2


def test_a_pattern_that_nothing_fits_tells_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file here is 'data/\*\.csv'; there is posts\.csv"):
        frame_of(card({"files": "data/*.csv"}), tmp_path, {"posts.csv": HEADER + LINES})


def test_a_part_of_the_path_and_a_column_may_not_have_one_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'\{who\}' of the path and a column of the file have one name"):
        frame_of(card({"files": "{who}.csv"}), tmp_path, {"posts.csv": HEADER + LINES})


def packed(name: str) -> bytes:
    plain = (HEADER + LINES).encode()
    if name.endswith(".zip"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("posts.csv", plain)
            archive.writestr("__MACOSX/._posts.csv", b"\x00")
        return buffer.getvalue()
    if name.endswith(".zst"):
        import zstandard

        return zstandard.ZstdCompressor().compress(plain)
    return {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[name.rsplit(".", 1)[1]](plain)


@pytest.mark.parametrize(
    "name", ["a.csv.gz", "a.csv.bz2", "a.csv.xz", "a.csv.zst", "a.zip", "a.csv.zip", "A.CSV.GZ"[:5] + ".gz"]
)
def test_a_compressed_file_is_read_as_if_it_were_not(tmp_path: Path, name: str) -> None:
    assert frame_of(card(), tmp_path, {name: packed(name)})["likes"].tolist() == [3.0, 5.0]


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.bz2", "a.csv.xz", "a.csv.zst", "a.csv.zip"])
def test_a_compressed_file_that_is_cut_off_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"cannot be decompressed|cut off|not a valid zstd|no zip archive"):
        frame_of(card(), tmp_path, {name: packed(name)[:-9]})


def test_an_archive_of_several_files_is_to_be_unpacked_by_the_user(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", HEADER)
        archive.writestr("b.csv", HEADER)
    with pytest.raises(DataError, match=r"the archive holds 2 files \(a\.csv, b\.csv\)\. Unpack it"):
        frame_of(card({"files": "*.zip"}), tmp_path, {"all.zip": buffer.getvalue()})


# How lines are cut


def test_fields_are_cut_at_any_delimiter_without_a_header(tmp_path: Path) -> None:
    layout = {"delimiter": "::::", "names": ["id", "who", "at", "likes"]}
    text = "a::::ann::::2021-03-01T12:00:00Z::::3\nb::::bo:b::::2021-03-02T12:00:00Z::::5\n"
    found = frame_of(card(layout), tmp_path, {"a.txt": text})
    assert found["user_id"].tolist() == ["ann", "bo:b"]
    assert found["source_row"].tolist() == [1, 2]


def test_without_quoting_a_quote_is_a_letter(tmp_path: Path) -> None:
    text = 'id\twho\tat\tlikes\ttext\na\tann\t2021-03-01\t3\tsaid "no\n'
    found = frame_of(card({"quote": ""}, {"text": {"role": "text"}}), tmp_path, {"a.tsv": text})
    assert found["text"].tolist() == ['said "no']


def test_the_first_line_that_excel_writes_names_the_delimiter(tmp_path: Path) -> None:
    text = "sep=;\r\nid;who;at;likes\r\na;ann, the first;2021-03-01;3\r\n"
    found = frame_of(card(), tmp_path, {"a.csv": text})
    assert found["user_id"].tolist() == ["ann, the first"]
    assert found["source_row"].tolist() == [3]


def test_lines_before_the_header_are_skipped(tmp_path: Path) -> None:
    text = 'Export of 2021\n"all, of it"\n' + HEADER + LINES
    assert len(frame_of(card({"skip": 2}), tmp_path, {"a.csv": text})) == 2


def test_rows_that_do_not_fit_the_header_are_counted(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"row 2: 1 fields where the header has 4, as in 2 more rows"):
        frame_of(card(), tmp_path, {"a.csv": HEADER + "a\nb\nc\n" + LINES})


# How letters are written


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1252", "José"),
        ("latin-1", "Zoë Müller-Peña"),
        ("cp1251", "Привет всем друзья"),
        ("utf-16", "José"),
    ],
)
def test_an_encoding_is_recognised_or_named(tmp_path: Path, encoding: str, name: str) -> None:
    text = HEADER + "".join(f"p{i},{name},2021-03-01,3\n" for i in range(9)).replace(f"p8,{name}", "p8,Josè")
    if encoding == "cp1251":
        text = text.replace("Josè", "Ирина")
    content = text.encode(encoding)
    raw = read(card(), put(tmp_path / "guessed", {"a.csv": content}))
    assert raw.frame["user_id"].nunique() == 2
    assert name in set(raw.frame["user_id"])
    assert any("is read so" in note or "read as" in note for note in raw.report.notes)
    if encoding != "utf-16":
        named = read(card({"encoding": encoding}), put(tmp_path / "named", {"a.csv": content}))
        assert name in set(named.frame["user_id"])
        assert not named.report.notes


def test_a_wrongly_named_encoding_is_refused_with_its_row(tmp_path: Path) -> None:
    content = (HEADER + LINES).replace("bob", "José").encode("cp1252")
    with pytest.raises(DataError, match=r"row 3: not utf-8 at byte \d+\. Correct `encoding`"):
        frame_of(card({"encoding": "utf-8"}), tmp_path, {"a.csv": content})
