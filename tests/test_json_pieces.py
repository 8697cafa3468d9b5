"""A document that is read in pieces is what it is as a whole, wherever the pieces end."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmark.errors import DataError
from benchmark.readers import json_pieces
from benchmark.readers.json_pieces import columns_by_name, rows_by_column
from benchmark.readers.raw import ReadReport
from benchmark.readers.smpd_image import groups
from benchmark.readers.smpd_image.groups import read_json_group

TEXTS = st.text(alphabet='ab"\\{}[],: \n0é😀', max_size=8)
VALUES = st.one_of(
    TEXTS,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.lists(TEXTS, max_size=2),
    st.dictionaries(TEXTS, TEXTS, max_size=2),
)
ROWS = st.lists(
    st.dictionaries(st.sampled_from(["Uid", "Pid", "a b", '"}', "0"]), VALUES, max_size=4), max_size=6
)
INDENTS = st.sampled_from([None, 1])
EACH = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def tiny_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_pieces, "PIECE", 24)


def written(folder: Path, document: object, **how: Any) -> Path:
    path = folder / "document.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document, **how), encoding="utf-8")
    return path


@EACH
@given(ROWS, INDENTS, st.booleans())
def test_rows_are_the_same_in_pieces(
    tmp_path: Path, rows: list[dict[str, Any]], indent: int | None, plain: bool
) -> None:
    found = rows_by_column(written(tmp_path, rows, indent=indent, ensure_ascii=plain))
    if found is None:  # it is read as a whole
        return
    columns, count = found
    names = dict.fromkeys(name for row in rows for name in row)
    assert count == len(rows)
    assert columns == {name: [row.get(name) for row in rows] for name in names}


@EACH
@given(st.dictionaries(TEXTS, st.lists(VALUES, max_size=5), min_size=1, max_size=4), INDENTS, st.booleans())
def test_columns_are_the_same_in_pieces(
    tmp_path: Path, columns: dict[str, list[Any]], indent: int | None, plain: bool
) -> None:
    document = {name: {str(i): one for i, one in enumerate(values)} for name, values in columns.items()}
    found = columns_by_name(written(tmp_path, document, indent=indent, ensure_ascii=plain))
    assert found is None or found == columns


def test_plain_rows_are_read_in_pieces_whatever_their_texts_hold(tmp_path: Path) -> None:
    rows = [
        {"Pid": str(i), "Title": title} for i, title in enumerate(['a "}, {" b', "}", "\\", "é😀", ""] * 9)
    ]
    found = rows_by_column(written(tmp_path, rows))
    assert found is not None and found[0]["Title"] == [row["Title"] for row in rows]


def test_plain_columns_are_read_in_pieces_whatever_their_texts_hold(tmp_path: Path) -> None:
    texts = ["1.5,2.5", '", "7": "', "}", "", "None", "1.5,2.5"]
    document = {"photo_count": {str(i): i for i in range(6)}, "words": dict(enumerate(texts))}
    found = columns_by_name(written(tmp_path, document))
    assert found == {"photo_count": list(range(6)), "words": texts}
    assert found["words"][0] is found["words"][5]


def test_row_numbers_may_have_gaps_but_must_ascend(tmp_path: Path) -> None:
    assert columns_by_name(written(tmp_path, {"a": {"3": 1, "7": 2, "20": 3}})) == {"a": [1, 2, 3]}
    assert columns_by_name(written(tmp_path, {"a": {"1": 1, "0": 2}})) is None
    assert columns_by_name(written(tmp_path, {"a": {"0": 1, "01": 2}})) is None


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": 1}, {"a": 2}',
        '[{"a": 1}, {"a": 2},]',
        '[{"a": 1}, {"a": 2}] x',
        '[{"a": 1}, {"a": 2}], {"a": 3}',
        '[{"a": "11111111111111111111}, {"a": 2}]',
        '[{"a": 1}, 2, {"a": "333333333333333333333"}]',
        '{"a": 1}',
        "",
        " ",
        "[" * 500,
        '[{"a": ' + "[" * 150 + "]" * 150 + "}]",
    ],
)
def test_what_is_no_list_of_rows_is_left_to_be_read_as_a_whole(tmp_path: Path, text: str) -> None:
    assert rows_by_column(written(tmp_path, text)) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"0": 1, "1": 2}',
        '{"a": {"0": 1, "1": 2},}',
        '{"a": {"0": 1}} x',
        '{"a": {, "0": 1}}',
        '{"a": {"0": 1,, "1": 1}}',
        '{"a": {"0": 1}, "b": 3}',
        '{"a": {"0": 1}, "a": {"0": 3}}',
        '{"a": {"x": 1}}',
        "{}",
        "[]",
    ],
)
def test_what_are_no_columns_is_left_to_be_read_as_a_whole(tmp_path: Path, text: str) -> None:
    assert columns_by_name(written(tmp_path, text)) is None


def test_numbers_keep_their_digits_and_what_only_python_reads_is_read(tmp_path: Path) -> None:
    text = (
        '[{"a": 123456789012345678901234567890}, {"a": NaN}, {"a": "\\ud83d"}, {"a": 18446744073709551615}]'
    )
    found = rows_by_column(written(tmp_path, text))
    assert found is not None
    long, nan, half, unsigned = found[0]["a"]
    assert (long, half, unsigned) == (123456789012345678901234567890, "\ufffd", 18446744073709551615)
    assert nan != nan


def test_keys_that_differ_from_row_to_row_take_no_list_each(tmp_path: Path) -> None:
    assert rows_by_column(written(tmp_path, [{f"k{i}": 1} for i in range(300)])) is None


def test_a_file_that_is_no_text_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "train_text.json"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(DataError, match="zip archive"):
        rows_by_column(path)


def outcome(kind: str, path: Path) -> object:
    """The columns of a file of the image track, or what is wrong with it."""
    try:
        group = read_json_group(kind, path, ReadReport())
        return {name: repr(group.take(name)) for name in sorted(group.names())} | {"": len(group)}
    except DataError as error:
        return str(error)


def damaged(text: str, rng: random.Random) -> bytes:
    raw = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(rng.choice([0, 1, 1, 2])):
        place, kind = rng.randrange(len(raw) + 1), rng.random()
        if kind < 0.4:
            del raw[place : place + rng.choice([1, 5])]
        elif kind < 0.9:
            put = [b"}", b"{", b"]", b",", b":", b'"', b" ", b"\\", b"NaN", b"\xff", b"9" * 25]
            raw[place:place] = rng.choice(put)
        else:
            del raw[place:]
    return bytes(raw)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_document_is_read_or_refused_as_if_it_had_been_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng, path = random.Random(seed), tmp_path / "train_user_data.json"
    words = ["a", "b}, {", "\\", '"', "é", "😀", '}", "3": "', "None", "1.5,2.5", "", None, 7, [1], "\ud83d"]
    for _ in range(60):
        count = rng.randrange(9)
        rows = [
            {key: rng.choice(words) for key in ("Uid", "Title") if rng.random() < 0.9} for _ in range(count)
        ]
        columns = {key: {str(i): rng.choice(words) for i in range(count)} for key in ("ispro", "words")}
        document = rng.choice([rows, columns])
        path.write_bytes(damaged(json.dumps(document, ensure_ascii=rng.random() < 0.5), rng))
        kind = rng.choice(["user", "text"])
        monkeypatch.setattr(json_pieces, "PIECE", rng.choice([8, 24, 1000]))
        in_pieces = outcome(kind, path)
        with monkeypatch.context() as whole:
            whole.setattr(groups, "rows_by_column", lambda path: None)
            whole.setattr(groups, "columns_by_name", lambda path: None)
            assert in_pieces == outcome(kind, path), path.read_bytes()
