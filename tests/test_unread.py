"""What could not be encoded is said: how many posts, why, and which is the first."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from worlds import MadeUpEncoder, World, write_baseline

from benchmark.encoders.decode import Frame, decode
from benchmark.encoders.images import encode_images
from benchmark.encoders.interface import Encoded


def looking(self: MadeUpEncoder, items: Sequence[Any]) -> Encoded:
    return encode_images(
        items, Frame(8), self.dim, 1, lambda pixels: [one.ravel()[: self.dim] for one in pixels]
    )


@pytest.mark.slow
@pytest.mark.usefixtures("made_up_encoders")
def test_a_run_says_how_many_images_could_not_be_decoded_and_which_is_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MadeUpEncoder, "encode", looking)
    world = World.make(tmp_path, posts=60).with_only("one", "frozen")
    images = world.card.folder / "raw" / "images"
    (images / "2.jpg").write_bytes((images / "2.jpg").read_bytes()[:200])
    assert isinstance(decode(images / "6.jpg", Frame(8)), str)
    said = io.StringIO()
    world.run(write_baseline(tmp_path, "viewer", "", "wants = {'image'}"), stream=said)
    (line,) = [line for line in said.getvalue().splitlines() if "could not be encoded" in line]
    assert line.startswith("trial: the image of ")
    # Of 60 posts four fifths name one of 8 images: 2 is cut off, 6 never was one, 7 is not there.
    assert "of 60 posts could not be encoded (distinct: " in line
    assert "1 damaged image" in line and "1 not an image" in line and "1 file missing" in line
    assert line.endswith("the first is 2.jpg of post 'p00002'")


@pytest.mark.slow
@pytest.mark.usefixtures("made_up_encoders")
def test_a_run_in_which_all_could_be_encoded_says_nothing(tmp_path: Path) -> None:
    said = io.StringIO()
    world = World.make(tmp_path, posts=60).with_only("one", "frozen")
    world.run(write_baseline(tmp_path, "viewer", "", "wants = {'image', 'text'}"), stream=said)
    assert "could not be encoded" not in said.getvalue()
