"""What reading and preparing cost at any size: files in the layout are made, and every step is measured."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tools import reading_scale
from tools.reading_scale import STEPS, make, measured


@pytest.mark.slow
def test_files_of_several_pieces_are_one_data_set_and_each_step_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_scale, "LARGEST_PIECE", 400)
    make(tmp_path, 1_000)
    found = measured(tmp_path)
    assert list(found["steps"]) and set(found["steps"]) == set(STEPS)
    posts = pq.read_table(tmp_path / "prepared" / "big" / "posts.parquet")
    assert posts.num_rows == 1_000
    assert {name[:2] for name in posts["post_id"].to_pylist()} == {"10", "11", "12"}
    assert found["whole"][2] >= max(peak for *_, peak in found["steps"].values()) > 0
