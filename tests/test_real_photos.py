"""Photos as people post them, through the image encoders of profile `bundled`."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from raw_layouts import REAL

from benchmark.encoders import encoder

FOLDER = Path(os.environ.get("SMPBENCH_RAW", REAL)) / "instagram_images"
PHOTOS = 20

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def photos() -> list[Path]:
    """Every tenth post of the table, so that all accounts are among them."""
    if not (FOLDER / "posts.csv").is_file():
        pytest.skip(f"no real data: {FOLDER} is absent (set SMPBENCH_RAW)")
    with (FOLDER / "posts.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    chosen = rows[:: len(rows) // PHOTOS][:PHOTOS]
    return [FOLDER / "images" / row["account"] / f"{row['file']}.jpg" for row in chosen]


@pytest.mark.parametrize(("encoding", "dim"), [("image", 1280), ("quality", 8), ("nsfw", 1)])
def test_real_photos_are_encoded_each_as_itself(photos: list[Path], encoding: str, dim: int) -> None:
    vectors, ok, reasons = encoder("bundled", encoding).encode(photos)
    assert ok.all() and not reasons
    assert (vectors.shape, vectors.dtype) == ((PHOTOS, dim), np.float16)
    assert np.isfinite(vectors).all()
    assert len(np.unique(vectors, axis=0)) == PHOTOS
    if encoding == "nsfw":
        assert ((vectors >= 0) & (vectors <= 1)).all()


@pytest.mark.parametrize("encoding", ["image", "quality", "nsfw"])
def test_a_photo_that_cannot_be_decoded_is_counted_and_the_others_are_encoded(
    photos: list[Path], encoding: str, tmp_path: Path
) -> None:
    cut, none = tmp_path / "cut.jpg", tmp_path / "none.jpg"
    cut.write_bytes(photos[0].read_bytes()[:200])
    none.write_bytes(b"no picture")
    chosen = encoder("bundled", encoding)
    vectors, ok, reasons = chosen.encode([photos[0], cut, photos[1], none])
    assert ok.tolist() == [True, False, True, False]
    assert sum(reasons.values()) == 2
    assert not vectors[~ok].any()
    np.testing.assert_array_equal(vectors[ok], chosen.encode(photos[:2]).vectors)
