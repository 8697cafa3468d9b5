from __future__ import annotations

import pyarrow as pa
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
