"""Values are kept as they were read; equal texts are one string."""

from __future__ import annotations

import pytest

from benchmark.readers import recurring
from benchmark.readers.recurring import Recurring, by_column


def spelled(text: str) -> str:
    """An equal string of its own."""
    return "".join([*text])


def test_equal_texts_are_one_string_and_other_values_stay_what_they_are() -> None:
    column = Recurring([None])
    column.extend(["photo", 1, True, 1.0])
    column.extend([spelled("photo"), ["photo"], None])
    assert column.kept == [None, "photo", 1, True, 1.0, "photo", ["photo"], None]
    assert column.kept[5] is column.kept[1]
    assert [type(one) for one in column.kept[2:5]] == [int, bool, float]


def test_texts_that_hardly_recur_are_not_compared_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recurring, "_FEW", 3)
    column = Recurring()
    column.extend([f"text {i}" for i in range(9)])
    column.extend([spelled("text 1")])
    assert column.kept[9] == column.kept[1] and column.kept[9] is not column.kept[1]


def test_rows_become_columns_whatever_was_there_before() -> None:
    columns = [Recurring(), Recurring()]
    by_column([["a", "1"], ["b", "2"]], columns)
    by_column([], columns)
    by_column([["a", "3"]], columns)
    assert [column.kept for column in columns] == [["a", "b", "a"], ["1", "2", "3"]]
