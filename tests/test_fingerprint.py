from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmark.data.fingerprint import fingerprint


@given(
    st.lists(st.one_of(st.none(), st.text(max_size=4)), min_size=1, max_size=6),
    st.lists(st.one_of(st.none(), st.text(max_size=4)), min_size=1, max_size=6),
)
@example(["ab", "c"], ["a", "bc"])
@example([None], [""])
def test_two_columns_of_text_have_one_fingerprint_only_if_they_are_equal(
    one: list[str | None], other: list[str | None]
) -> None:
    prints = [fingerprint({"t": pa.table({"c": pa.array(x, pa.string())})}, {}) for x in (one, other)]
    assert (prints[0] == prints[1]) == (one == other)


def test_a_fingerprint_does_not_depend_on_chunks() -> None:
    whole = pa.chunked_array([[[1.5], None, [2.5, 3.5]]], pa.list_(pa.float32()))
    parts = pa.chunked_array([[[1.5], None], [[2.5, 3.5]]], pa.list_(pa.float32()))
    assert fingerprint({"t": pa.table({"c": whole})}, {}) == fingerprint({"t": pa.table({"c": parts})}, {})


@pytest.mark.parametrize("rows", [1, 3, 8])
def test_a_fingerprint_does_not_depend_on_how_much_is_digested_at_a_time(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pa.table(
        {
            "text": pa.array(["a", None, "é😀", ""] * 5, pa.string()),
            "flag": pa.array([True, None, False, True] * 5, pa.bool_()),
            "time": pa.array([0, 1, 2, 3] * 5, pa.timestamp("ms")),
            "number": pa.array([1.5, None, float("nan"), -0.0] * 5, pa.float64()),
            "vector": pa.array([[1.5], None, [], [2.5, 3.5, 4.5]] * 5, pa.list_(pa.float32())),
        }
    )
    whole = fingerprint({"t": table}, {})
    assert whole == "351feef1bddf43dc689594d3faf8e90b38b058edc2f5438b25f47a6a15092332", (
        "data that were prepared before are no others now"
    )
    monkeypatch.setattr("benchmark.data.fingerprint._ROWS", rows)
    assert fingerprint({"t": table}, {}) == whole
